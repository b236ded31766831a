/** The handler could not finish now, and it is no failure: why, and what makes Juju run the charm again. */
export interface Waiting {
  readonly outcome: 'wait';
  /** For the operator, e.g. `for certificates`. */
  readonly reason: string;
  /** What wakes it: a hook, a timer. A wait that nothing wakes is a bug. */
  readonly wakes: string;
}

/** `did-something`: the world may have changed, observe it again. `wait`: see {@link Waiting}, which names what for. */
export type HandlerResult = 'nothing' | 'did-something' | 'wait' | Waiting;

export const waitFor = (reason: string, wakes: string): Waiting => ({ outcome: 'wait', reason, wakes });

/** Conditions on flags; all those given must hold, and one that is absent or empty always does. */
export interface FlagConditions<Flag extends string> {
  readonly all?: readonly Flag[];
  readonly any?: readonly Flag[];
  readonly none?: readonly Flag[];
}

export type When<World, Flag extends string> =
  FlagConditions<Flag> | ((world: World, flags: ReadonlySet<Flag>) => boolean);

/** One reaction to the state of the world. It must be safe to run again: a hook may be killed anywhere. */
export interface Handler<World, Flag extends string = string> {
  /** Unique; it stands in errors and traces. */
  readonly name: string;
  /** Always, where absent. */
  readonly when?: When<World, Flag>;
  run(world: World, flags: ReadonlySet<Flag>): Promise<HandlerResult> | HandlerResult;
}

export function matches<World, Flag extends string>(
  handler: Handler<World, Flag>,
  world: World,
  flags: ReadonlySet<Flag>,
): boolean {
  const when = handler.when ?? {};
  if (typeof when === 'function') return when(world, flags);
  const { all = [], any = [], none = [] } = when;
  return (
    all.every((flag) => flags.has(flag)) &&
    (any.length === 0 || any.some((flag) => flags.has(flag))) &&
    !none.some((flag) => flags.has(flag))
  );
}
