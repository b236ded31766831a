import { known, unknown, type Probe } from '../domain/probe';

/** Looks, and makes a failure to look into "unknown" with its reason (rule 4). */
export async function probing<T>(look: () => Promise<T>): Promise<Probe<T>> {
  try {
    return known(await look());
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
}
