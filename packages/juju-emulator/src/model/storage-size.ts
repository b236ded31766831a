const units = 'MGTPEZY';
const sizeText = /^(-?[0-9]+(?:\.[0-9]+)?)([MGTPEZY])(?:i?B)?$/;

/**
 * A size such as `100M`, `1.5G`, `2TiB` in MiB (powers of 1024, rounded up); undefined where the text is none, -1 where it is negative.
 * Format: Juju's storage directives and `minimum-size`.
 */
export function parseSize(text: string): number | undefined {
  const match = sizeText.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]);
  if (value < 0) return -1;
  return Math.ceil(value * 1024 ** units.indexOf(match[2] ?? 'M'));
}

/** MiB as Juju's tables print them: `6.0 GiB`, `100 MiB` (go-humanize: one decimal below ten). */
export function formatSize(mebibytes: number): string {
  const names = ['MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let value = mebibytes;
  let unit = 0;
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = Math.floor(value * 10 + 0.5) / 10;
  return `${rounded < 10 ? rounded.toFixed(1) : rounded.toFixed(0)} ${names[unit] ?? ''}`;
}
