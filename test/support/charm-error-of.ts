import { CharmError } from '../../src/domain/errors';

/** The error with which a work fails; any other than a CharmError, and its success, fail the test. */
export async function charmErrorOf(work: Promise<unknown>): Promise<CharmError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CharmError) return error;
    throw error;
  }
  throw new Error('it should have failed');
}
