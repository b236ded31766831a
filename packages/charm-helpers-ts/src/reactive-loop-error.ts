/** The flags seen at one look at the world, and the handler that had run just before. */
export interface Observation {
  readonly round: number;
  readonly after: string | null;
  readonly flags: ReadonlySet<string>;
}

/** The handlers never came to rest. */
export class ReactiveLoopError extends Error {
  readonly code = 'reactive-loop';
  readonly operation = 'dispatch';
  readonly retryable = false;
  /** Flags that went on and off (or off and on) again, most restless first. */
  readonly flapping: readonly string[];
  /** The handlers that did something in the last two rounds, in order of their first run there. */
  readonly handlers: readonly string[];

  constructor(
    readonly rounds: number,
    history: readonly Observation[],
  ) {
    const flapping = flappingFlags(history);
    const handlers = recentHandlers(history, rounds);
    const flags = flapping.length === 0 ? 'no flag changes back and forth' : `flapping flags: ${flapping.join(', ')}`;
    super(
      `the charm did not come to rest in ${rounds} rounds; ${flags}; handlers that still did something: ${handlers.join(', ')}`,
    );
    this.name = 'ReactiveLoopError';
    this.flapping = flapping;
    this.handlers = handlers;
  }
}

/** A flag flaps where it changed at least twice. */
function flappingFlags(history: readonly Observation[]): readonly string[] {
  const changes = new Map<string, number>();
  history.forEach((now, index) => {
    const before = history[index - 1];
    if (before === undefined) return;
    for (const flag of new Set([...before.flags, ...now.flags])) {
      if (before.flags.has(flag) !== now.flags.has(flag)) changes.set(flag, (changes.get(flag) ?? 0) + 1);
    }
  });
  return [...changes]
    .filter(([, count]) => count >= 2)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([flag]) => flag);
}

function recentHandlers(history: readonly Observation[], rounds: number): readonly string[] {
  const recent = history.filter((one) => one.after !== null && one.round >= rounds - 1);
  return [...new Set(recent.map((one) => one.after ?? ''))];
}
