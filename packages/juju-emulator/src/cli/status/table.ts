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

/**
 * Lays cells out as Go's tabwriter does when every cell is ended by a tab: each is padded by two blanks, and a column is as wide as its
 * widest cell among the consecutive rows that have it.
 */
export function layoutCells(rows: readonly (readonly string[])[], alignment: Alignment): string {
  const width = (row: number, column: number): number => {
    let [first, last] = [row, row];
    while (rows[first - 1]?.[column] !== undefined) first -= 1;
    while (rows[last + 1]?.[column] !== undefined) last += 1;
    return 2 + Math.max(...rows.slice(first, last + 1).map((each) => [...(each[column] ?? '')].length));
  };
  return rows
    .map((cells, row) =>
      cells
        .map((cell, column) => {
          const gap = ' '.repeat(width(row, column) - [...cell].length);
          return alignment === 'left' ? `${cell}${gap}` : `${gap}${cell}`;
        })
        .join(''),
    )
    .map((line) => `${line}\n`)
    .join('');
}
