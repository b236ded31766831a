import { generation, type UnitName } from './ids';
import { utcTime } from './utc-time';
import { readableBags } from './member';
import type { Founding, Observed } from './observed';
import type { Acknowledgement, Recreation } from './recreation';
import { bestBackup, chooseSource, survivors, type Recovery } from './recovery';

type Said = ReadonlyMap<UnitName, Acknowledgement | null>;
type Decided = Partial<Recreation> | { readonly problem: string };

/** What the leader decides before the next phase begins: where the keys come from, once every unit has said what it has. */
export function decideRecovery(recreation: Recreation, recovery: Recovery, said: Said): Decided {
  if (recreation.phase === 'stop') {
    const choice = chooseSource(recovery, survivors(said, recreation.token));
    if ('problem' in choice) return choice;
    const { creator, chosen, why } = choice;
    return { creator, recovery: { ...recovery, chosen, why } };
  }
  if (recreation.phase !== 'validate') return {};
  if (recovery.chosen === 'survivor') return withSurvivor(recreation, recovery, said);
  return recovery.chosen === 'snapshot' ? withBackup(recreation, recovery, said) : {};
}

function withSurvivor({ creator, token }: Recreation, recovery: Recovery, said: Said): Decided {
  const one = creator === null ? null : (said.get(creator) ?? null);
  if (one?.token !== token || one.offer === null)
    return { problem: `${creator ?? 'nobody'} has not told what it made` };
  const kept = one.tail === null ? null : Number(one.tail.index - one.tail.commit);
  return { snapshot: one.offer.snapshot, recovery: { ...recovery, kept } };
}

function withBackup({ token }: Recreation, recovery: Recovery, said: Said): Decided {
  const best = bestBackup(said, token);
  if (best !== null) {
    const taken = utcTime(best.has.takenAt ?? 0);
    const why = `${recovery.why ?? ''}; the newest good backup is of ${taken}, on ${best.unit}`;
    return { creator: best.unit, snapshot: best.has.snapshot, recovery: { ...recovery, why } };
  }
  if (recovery.wanted !== 'auto') return { problem: 'no unit has a good backup' };
  // An empty cluster is never made but on the operator's own word: what is to be loaded into it is not loaded by the charm yet.
  return { problem: `${recovery.why ?? ''}, and no unit has a good backup; source=files begins with an empty cluster` };
}

/** All masters together, each of them empty; null while one of them has not told its address. */
export function emptyFounding(
  observed: Observed,
  { generation: number, token, recovery }: Recreation,
  units: readonly UnitName[],
): Founding | null {
  const named = recovery?.masters ?? [];
  const masters = named.length === 0 ? units : units.filter((unit) => named.includes(unit));
  const urls = new Map(readableBags(observed).map(([unit, { peerUrl }]) => [unit, peerUrl]));
  const initial = masters.flatMap((unit) => {
    const peerUrl = urls.get(unit) ?? null;
    return peerUrl === null ? [] : [{ unit, peerUrl }];
  });
  return initial.length === 0 || initial.length < masters.length
    ? null
    : { generation: generation(number), token, initial };
}
