/** A column of a table for people: its title, and its cell for a row. */
export type Column<Row> = readonly [string, (row: Row) => string];

/** Columns aligned by spaces, the titles above; no line ends in spaces. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `12.3 MiB` */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit] ?? ''}`;
}

/** Keys of action results are lower-case letters, digits and hyphens, and neither begin nor end with a hyphen. */
export function resultKey(name: string): string {
  const key = name.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
  return key.replace(/^-+/, '').replace(/-+$/, '') || 'unnamed';
}

/** Values by name: names that come to the same key are counted, `a-b`, `a-b-2`. */
export function byResultKey<T>(named: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  const values: Record<string, T> = {};
  for (const [name, value] of named) {
    const key = resultKey(name);
    let free = key;
    for (let count = 2; free in values; count++) free = `${key}-${count}`;
    values[free] = value;
  }
  return values;
}
