export type Alignment = 'left' | 'right';

/**
 * Lays rows out in columns two spaces apart, as Juju's tables are: each column as wide as its widest cell in the
 * rows given; the last cell of a row is not padded, other trailing blanks stay.
 */
export function layoutTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, [...cell].length);
    });
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const gap = ' '.repeat((widths[column] ?? 0) - [...cell].length);
          if (right.includes(column)) return column === row.length - 1 ? gap + cell : `${gap}${cell}  `;
          return column === row.length - 1 ? cell : `${cell}${gap}  `;
        })
        .join(''),
    )
    .map((line) => `${line}\n`)
    .join('');
}
