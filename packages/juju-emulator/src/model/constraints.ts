import { ModelError } from './model-error';

/** Constraints by name; sizes in MiB, counts as numbers, the rest as text. */
export type Constraints = Readonly<Record<string, string | number>>;

/** In the order in which Juju prints them. */
const kinds: Readonly<Record<string, 'text' | 'number' | 'size'>> = {
  arch: 'text',
  container: 'text',
  cores: 'number',
  'cpu-power': 'number',
  'instance-type': 'text',
  'instance-role': 'text',
  mem: 'size',
  'root-disk': 'size',
  'root-disk-source': 'text',
  tags: 'text',
  spaces: 'text',
  'virt-type': 'text',
  zones: 'text',
  'allocate-public-ip': 'text',
  'image-id': 'text',
};

const units: Readonly<Record<string, number>> = { '': 1, M: 1, G: 1024, T: 1024 ** 2, P: 1024 ** 3 };

/** `4G` in MiB, rounded up. */
function mebibytes(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([MGTP]?)$/.exec(text);
  if (match === null)
    throw new ModelError(
      'not-valid',
      'set constraints',
      `bad "${name}" constraint: must be a non-negative float with optional M/G/T/P suffix`,
    );
  return Math.ceil(Number(match[1]) * (units[match[2] ?? ''] ?? 1));
}

/** `mem=4G cores=2`, as operators type it. Throws `ModelError` in Juju's words. */
export function parseConstraints(text: string): Record<string, string | number> {
  const constraints: Record<string, string | number> = {};
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const equals = word.indexOf('=');
    const refuse = (message: string): ModelError => new ModelError('not-valid', 'set constraints', message);
    if (equals < 0) throw refuse(`malformed constraint "${word}"`);
    const given = word.slice(0, equals);
    const name = given === 'cpu-cores' ? 'cores' : given;
    const value = word.slice(equals + 1);
    const kind = kinds[name];
    if (kind === undefined) throw refuse(`unknown constraint "${given}"`);
    if (constraints[name] !== undefined) throw refuse(`bad "${given}" constraint: already set`);
    if (kind === 'number' && !/^\d+$/.test(value))
      throw refuse(`bad "${given}" constraint: must be a non-negative integer`);
    constraints[name] = kind === 'size' ? mebibytes(given, value) : kind === 'number' ? Number(value) : value;
  }
  return constraints;
}

/** `cores=2 mem=4096M`. */
export const formatConstraints = (constraints: Constraints): string =>
  Object.entries(kinds)
    .filter(([name]) => constraints[name] !== undefined)
    .map(([name, kind]) => `${name}=${constraints[name] ?? ''}${kind === 'size' ? 'M' : ''}`)
    .join(' ');
