/** Measured values of one thing, milliseconds. */
export interface Sample {
  readonly name: string;
  readonly values: readonly number[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The median of the ratios of values that were measured one right after the other: what a noisy machine does to both cancels out. */
export function pairedRatio(of: Sample, to: Sample): number {
  return median(of.values.map((value, at) => value / (to.values[at] ?? NaN)));
}

/** A line of the table: what, median, least, most. */
export function row({ name, values }: Sample): string {
  const show = (value: number): string => value.toFixed(value < 100 ? 1 : 0).padStart(9);
  return `${name.padEnd(52)}${show(median(values))}${show(Math.min(...values))}${show(Math.max(...values))}  n=${values.length}`;
}

export const head = `${'milliseconds'.padEnd(52)}${'median'.padStart(9)}${'least'.padStart(9)}${'most'.padStart(9)}`;
