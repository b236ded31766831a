/** What was asked and answered. */
export interface Known<T> {
  readonly known: true;
  readonly value: T;
}

/** What was asked and not answered. It is never taken as absent (safety rule 4). */
export interface Unknown {
  readonly known: false;
  readonly reason: string;
}

/** The result of looking at something outside: a value, or unknown with the reason. */
export type Probe<T> = Known<T> | Unknown;

export const known = <T>(value: T): Known<T> => ({ known: true, value });
export const unknown = (reason: string): Unknown => ({ known: false, reason });

/** The value if known, else the other one. Use it only where unknown may safely count as `other`. */
export const valueOr = <T, U>(probe: Probe<T>, other: U): T | U => (probe.known ? probe.value : other);
