/** Arithmetic on timestamps (RFC 3339, UTC): nothing here reads a clock. */

/** The time so many milliseconds later. */
export const addMilliseconds = (time: string, milliseconds: number): string =>
  new Date(Date.parse(time) + milliseconds).toISOString();

/** The time so many calendar months later; a day that the month lacks runs over into the next, as in Go. */
export function addMonths(time: string, months: number): string {
  const at = new Date(time);
  at.setUTCMonth(at.getUTCMonth() + months);
  return at.toISOString();
}

/** Milliseconds since 1970. */
export const millisecondsOf = (time: string): number => Date.parse(time);
