import type { KeyValues } from './gateway';

/** What one member said to a read. */
export type MemberRead =
  | { readonly endpoint: string; readonly value: string | null; readonly error: null }
  | { readonly endpoint: string; readonly value: null; readonly error: string };

/** Reads a key through every member by itself, all at once: one that hangs delays nobody. */
export const readEach = (store: KeyValues, endpoints: readonly string[], key: string): Promise<readonly MemberRead[]> =>
  Promise.all(
    endpoints.map(async (endpoint): Promise<MemberRead> => {
      try {
        return { endpoint, value: await store.get(endpoint, key), error: null };
      } catch (error) {
        return { endpoint, value: null, error: error instanceof Error ? error.message : String(error) };
      }
    }),
  );

/**
 * Writes through the first member that takes it.
 * @throws the last member's error where none does.
 */
export async function writeAnywhere(
  store: KeyValues,
  endpoints: readonly string[],
  key: string,
  value: string,
): Promise<{ readonly endpoint: string; readonly revision: string }> {
  let last: unknown = new Error('the connection string names no member');
  for (const endpoint of endpoints) {
    try {
      return { endpoint, revision: await store.put(endpoint, key, value) };
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
