import { readFileSync } from 'node:fs';
import type { JournalEntry } from '../store/journal';
import { commandOf, type JournalledCommand } from './command-journal';
import { Emulator } from './emulator';
import { controllerMethods } from './methods';

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
    { seed: number; light: boolean; oneAtATime: boolean; agentVersion: string; modelUuid: string } | undefined;
  if (begin === undefined) throw new ReplayError('the journal does not begin with a model: it is not whole');
  if (!begin.light || !begin.oneAtATime)
    throw new ReplayError(
      'only light models whose agents act one at a time are repeatable: create them with oneAtATime (add-model --light --one-at-a-time)',
    );
  const { seed, agentVersion, modelUuid } = begin;
  await using emulator = await Emulator.create({ seed, light: true, oneAtATime: true, agentVersion, modelUuid });
  const { turns } = emulator.controller;
  const methods = controllerMethods(emulator, () => undefined);
  for (const { detail } of entries.filter(({ event }) => event === 'command')) {
    const { name, args, turn } = detail as unknown as JournalledCommand;
    const command = commandOf(emulator, methods, name);
    if (command === undefined)
      throw new ReplayError(`the journal has a command "${name}": another version of the emulator wrote it`);
    await turns?.between(() => undefined, turn ?? 0);
    // A command that was refused is refused again.
    await again(command, args).catch(() => undefined);
  }
  await emulator.settle({ onError: 'return' });
  return { seed, recorded: hooksIn(entries), replayed: hooksIn(emulator.journal()) };
}

async function again(command: (...args: readonly unknown[]) => unknown, args: readonly unknown[]): Promise<void> {
  // JSON has null for what was not given.
  await command(...args.map((given) => given ?? undefined));
}

interface Operation {
  readonly kind: string;
  readonly hook?: {
    readonly kind: string;
    readonly relationId?: number;
    readonly remoteUnit?: string;
    readonly storageId?: string;
    readonly secretUri?: string;
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
      [`${unit}:`, hook?.kind ?? name ?? kind, hook?.relationId, hook?.remoteUnit, hook?.storageId, hook?.secretUri]
        .filter((word) => word !== undefined && word !== '')
        .join(' '),
    );
}
