import { readFileSync } from 'node:fs';
import type { JournalEntry } from '../store/journal';
import type { JournalledCommand } from './command-journal';
import { Emulator } from './emulator';

/** A journal that cannot be replayed; the message says what to do. */
export class ReplayError extends Error {
  readonly code = 'cannot-replay';
  readonly operation = 'replay';
  readonly retryable = false;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ReplayError';
  }
}

export interface Replay {
  readonly seed: number;
  /** `unit: hook remote-unit` of every hook, action and command that ran, in order. */
  readonly recorded: readonly string[];
  readonly replayed: readonly string[];
}

/** Reads a journal that an emulator with a directory of its own has written (`journal.jsonl`). */
export function readJournal(path: string): JournalEntry[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JournalEntry);
  } catch (error) {
    throw new ReplayError(
      `${path} is no journal (journal.jsonl in a model's directory): ${(error as Error).message}`,
      error,
    );
  }
}

/**
 * Does a journal's commands again, each between the same turns, on a new model with the same seed.
 * @throws ReplayError unless the journal is of a light model whose agents took turns (`oneAtATime`)
 */
export async function replay(entries: readonly JournalEntry[]): Promise<Replay> {
  const begin = entries.find(({ event }) => event === 'model created')?.detail as
    { seed: number; light: boolean; oneAtATime: boolean; agentVersion: string } | undefined;
  if (begin === undefined) throw new ReplayError('the journal does not begin with a model: it is not whole');
  if (!begin.light || !begin.oneAtATime)
    throw new ReplayError(
      'only light models whose agents act one at a time are repeatable: create them with oneAtATime (add-model --light --one-at-a-time)',
    );
  const { seed, agentVersion } = begin;
  await using emulator = await Emulator.create({ seed, light: true, oneAtATime: true, agentVersion });
  const { turns } = emulator.controller;
  for (const { detail } of entries.filter(({ event }) => event === 'command')) {
    const { name, args, turn } = detail as unknown as JournalledCommand;
    await turns?.between(() => undefined, turn ?? 0);
    const done = (emulator[name] as (...given: readonly unknown[]) => unknown)(
      ...args.map((given) => given ?? undefined),
    );
    // A command that was refused is refused again.
    await Promise.resolve(done).catch(() => undefined);
  }
  await emulator.settle({ onError: 'return' });
  return { seed, recorded: hooksIn(entries), replayed: hooksIn(emulator.journal()) };
}

interface Operation {
  readonly kind: string;
  readonly hook?: {
    readonly kind: string;
    readonly relationId?: number;
    readonly remoteUnit?: string;
    readonly storageId?: string;
  };
  readonly name?: string;
}

/** What ran, in order. */
export function hooksIn(entries: readonly JournalEntry[]): string[] {
  return entries
    .filter(({ event }) => event === 'operation')
    .map(({ unit, detail }) => ({ unit, operation: detail as unknown as Operation }))
    .filter(({ operation }) => ['run-hook', 'run-action', 'run-command'].includes(operation.kind))
    .map(({ unit = '', operation: { kind, hook, name } }) =>
      [`${unit}:`, hook?.kind ?? name ?? kind, hook?.relationId, hook?.remoteUnit, hook?.storageId]
        .filter((word) => word !== undefined && word !== '')
        .join(' '),
    );
}
