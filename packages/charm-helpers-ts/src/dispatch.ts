import { matches, type Handler, type HandlerResult, type Waiting } from './handler';
import { ReactiveLoopError, type Observation } from './reactive-loop-error';
import { nullTracer, type Tracer } from './trace';

export interface Dispatch<World, Flag extends string = string> {
  /** Looks at the world, effects and all. */
  observe(): Promise<World> | World;
  /** What holds in a world; derived, never stored. */
  flags(world: World): ReadonlySet<Flag>;
  /** In order. */
  readonly handlers: readonly Handler<World, Flag>[];
  /** How many rounds may do something before it counts as a loop; 32 where absent. */
  readonly maxRounds?: number;
  readonly tracer?: Tracer;
}

export interface Dispatched<World, Flag extends string = string> {
  /** As observed last. */
  readonly world: World;
  readonly flags: ReadonlySet<Flag>;
  readonly rounds: number;
  /** The handlers that did something, in order, repetitions included. */
  readonly did: readonly string[];
  /** Who waits in the end, and for what. */
  readonly waits: readonly (Waiting & { readonly handler: string })[];
}

const defaultMaxRounds = 32;

/**
 * The reactive dispatcher.
 * - A round goes through the handlers in registration order and runs those whose condition holds.
 * - After each one that did something the world is observed again; the rest of the round sees the new world.
 * - A round in which nobody did anything is the last. `wait` is not doing something, and stops nobody else.
 * - Handlers and all they use are passed in; nothing is found through imports.
 * @throws ReactiveLoopError where `maxRounds` rounds were not enough: it names the flags that flap and the handlers that ran.
 * @throws RangeError where two handlers have the same name.
 */
export async function dispatch<World, Flag extends string = string>(
  plan: Dispatch<World, Flag>,
): Promise<Dispatched<World, Flag>> {
  refuseDuplicates(plan.handlers);
  const tracer = plan.tracer ?? nullTracer;
  const maxRounds = plan.maxRounds ?? defaultMaxRounds;
  const history: Observation[] = [];
  const did: string[] = [];
  const look = async (round: number, after: string | null): Promise<{ world: World; flags: ReadonlySet<Flag> }> => {
    const world = await plan.observe();
    const flags = plan.flags(world);
    history.push({ round, after, flags });
    tracer.trace({ kind: 'observed', round, flags: [...flags].sort() });
    return { world, flags };
  };

  let now = await look(1, null);
  for (let round = 1; round <= maxRounds; round++) {
    const waits: (Waiting & { handler: string })[] = [];
    const before = did.length;
    for (const handler of plan.handlers) {
      if (!matches(handler, now.world, now.flags)) continue;
      tracer.trace({ kind: 'handler-started', round, handler: handler.name });
      const result = await handler.run(now.world, now.flags);
      tracer.trace({ kind: 'handler-finished', round, handler: handler.name, outcome: outcomeOf(result) });
      if (result === 'did-something') {
        did.push(handler.name);
        now = await look(round, handler.name);
      } else if (result !== 'nothing') {
        waits.push({ handler: handler.name, ...(result === 'wait' ? unexplained : result) });
      }
    }
    if (did.length === before) return { ...now, rounds: round, did, waits };
  }
  throw new ReactiveLoopError(maxRounds, history);
}

const unexplained: Waiting = { outcome: 'wait', reason: '', wakes: '' };

const outcomeOf = (result: HandlerResult): string => (typeof result === 'string' ? result : `wait ${result.reason}`);

function refuseDuplicates(handlers: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of handlers) {
    if (seen.has(name)) throw new RangeError(`two handlers are called "${name}"`);
    seen.add(name);
  }
}
