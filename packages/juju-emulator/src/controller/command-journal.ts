import type { Emulator } from './emulator';

/** What operators do to a model: each is in the journal as `command`, with the turn before which it was done. */
export const commands = [
  'deploy',
  'integrate',
  'removeRelation',
  'addUnit',
  'addMachine',
  'removeMachine',
  'removeUnit',
  'removeApplication',
  'setConfig',
  'attachResource',
  'refresh',
  'resolved',
  'startAction',
  'cancel',
  'arm',
  'fault',
  'settle',
] as const;
export type CommandName = (typeof commands)[number];

/** They change nothing that an agent could be looking at. */
const immediate: ReadonlySet<CommandName> = new Set(['arm', 'settle']);

/** One command as the journal has it. */
export interface JournalledCommand {
  readonly name: CommandName;
  readonly args: readonly unknown[];
  /** How many turns agents had had; null where all act at once. */
  readonly turn: number | null;
}

/** Lets every command of an emulator write itself into the journal and, where agents take turns, happen between two of them. */
export function journalCommands(emulator: Emulator): void {
  const { turns, options } = emulator.controller;
  for (const name of commands) {
    const method = (emulator[name] as (...args: unknown[]) => unknown).bind(emulator);
    const journalled = (...args: unknown[]): unknown => {
      const run = (): unknown => {
        options.journal.write('command', undefined, { name, args, turn: turns?.granted ?? null });
        return method(...args);
      };
      return turns === undefined || immediate.has(name) ? run() : turns.between(run);
    };
    Object.defineProperty(emulator, name, { value: journalled, configurable: true });
  }
}
