import type { World } from '../../model';
import { ModelError, unitOf } from '../../model';
import type { WorldStore } from '../../store/world-store';
import { UniterApiError } from '../../tools/api-error';

const codes = {
  'not-found': 'not-found',
  'already-exists': 'invalid',
  'not-valid': 'invalid',
  'not-leader': 'not-leader',
  quota: 'invalid',
  refused: 'forbidden',
} as const;

/** The live model as one unit's agent may see and change it; refusals have the API's shape. */
export class UnitModel {
  constructor(
    private readonly store: WorldStore,
    readonly unit: string,
    readonly now: () => string,
    /** A dead agent's process may still be about; it writes nothing any more. */
    private readonly alive: () => boolean,
  ) {}

  get world(): World {
    return this.store.world;
  }

  get application(): string {
    return unitOf(this.world, this.unit).application;
  }

  /** Looks at the model in the name of an API operation. */
  read<T>(operation: string, look: (world: World) => T): Promise<T> {
    try {
      return Promise.resolve(look(this.world));
    } catch (error) {
      return Promise.reject(apiError(operation, error));
    }
  }

  /** Changes the model in the name of an API operation: all of it or nothing. */
  write<T>(operation: string, mutate: (world: World) => T): Promise<T> {
    if (!this.alive()) return Promise.reject(new UniterApiError('unavailable', operation, 'the agent was killed'));
    try {
      return Promise.resolve(this.store.change(mutate));
    } catch (error) {
      return Promise.reject(apiError(operation, error));
    }
  }
}

/** The model's refusal as the API tells it. */
export function apiError(operation: string, error: unknown): Error {
  if (error instanceof UniterApiError) return error;
  if (error instanceof ModelError)
    return new UniterApiError(codes[error.code], operation, error.message, { cause: error });
  return error as Error;
}
