import type { Emulator } from '../../controller/emulator';
import { moveLeadership } from '../../model';
import type { Batch, RecordedHook } from './recording';

const isElection = ({ dispatch }: RecordedHook): boolean => dispatch === 'hooks/leader-elected';

/** Who leads is open: whoever led in the recording when a batch began leads here. */
export async function alignLeaders(emulator: Emulator, batch: Batch, settle: () => Promise<void>): Promise<void> {
  const leaders = new Map<string, string>();
  const elected = new Set(batch.hooks.filter(isElection).map(({ unit }) => unit));
  for (const { unit, tools } of batch.hooks) {
    const application = unit.split('/')[0] ?? '';
    const leads = tools.some(({ cmd, out }) => cmd.join(' ') === 'is-leader' && out === 'True\n');
    if (leads && !leaders.has(application) && !elected.has(unit)) leaders.set(application, unit);
  }
  for (const [application, unit] of leaders)
    if (emulator.world.units[unit] !== undefined && emulator.world.applications[application]?.leader !== unit) {
      emulator.controller.moveLeader(application, unit);
      await settle();
    }
}

/**
 * Which principal's unit comes first, and so which subordinate unit it gets, is open: here they come in the order of the
 * recording's subordinate units. The later ones are held until the unit before theirs is there.
 */
export function steerSubordinates(
  emulator: Emulator,
  batch: Batch,
): { readonly isLater: (unit: string) => boolean; readonly end: () => boolean } {
  const { controller } = emulator;
  const number = (unit: string): number => Number(unit.split('/')[1]);
  const principals = new Map<string, string>();
  for (const { unit, env } of batch.hooks) {
    const principal = env['JUJU_PRINCIPAL_UNIT'] ?? '';
    if (principal !== '' && emulator.world.units[unit] === undefined) principals.set(unit, principal);
  }
  const inOrder = [...principals].sort(([a], [b]) => number(a) - number(b));
  const waiting = new Map(inOrder.slice(1).map(([, principal], index) => [principal, inOrder[index]?.[0] ?? '']));
  const release = (ready: (before: string) => boolean): boolean => {
    const due = [...waiting].filter(([, before]) => ready(before));
    for (const [principal] of due) {
      waiting.delete(principal);
      if (emulator.world.units[principal] !== undefined) controller.hold(principal, false);
    }
    return due.length > 0;
  };
  const unsubscribe = controller.store.subscribe(() => release((before) => emulator.world.units[before] !== undefined));
  return {
    isLater: (unit) => waiting.has(unit),
    end: () => {
      unsubscribe();
      return release(() => true);
    },
  };
}

/** Who wins an election is open, too: whoever won it in the recording. @returns ends that. */
export function steerElections(emulator: Emulator, batch: Batch): () => void {
  const winners = batch.hooks.filter(isElection).map(({ unit }) => unit);
  const { store } = emulator.controller;
  return store.subscribe(() => {
    for (const unit of winners) {
      const application = unit.split('/')[0] ?? '';
      const leader = store.world.applications[application]?.leader;
      if (
        store.world.units[unit]?.life !== 'alive' ||
        leader === null ||
        leader === undefined ||
        winners.includes(leader)
      )
        continue;
      if (store.world.units[leader]?.life === 'alive')
        store.change((world) => moveLeadership(world, application, unit));
    }
  });
}
