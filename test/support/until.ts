/** How a test waits: it looks until something holds, never for a time alone. */
export interface UntilOptions {
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/**
 * Polls until `look` neither throws nor gives false or undefined; gives what it gave.
 * @throws an error that names what was waited for and the last reason why it was not so.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | undefined> | T | false | undefined,
  { timeoutMs, everyMs = 100 }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown = 'it was not so';
  for (;;) {
    try {
      const found = await look();
      if (found !== false && found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(
        `after ${timeoutMs / 1000} s still not: ${what}: ${last instanceof Error ? last.message : String(last)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
