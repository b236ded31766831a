/** Parses JSON that a test wrote or knows the shape of. */
export const jsonOf = <T>(text: string): T => JSON.parse(text) as T;
