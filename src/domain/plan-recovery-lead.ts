import { chooseSeeder } from './configuration';
import { generation, type UnitName } from './ids';
import { utcTime } from './utc-time';
import { readableBags } from './member';
import type { Founding, Observed } from './observed';
import { isAtLeastPhase, type Acknowledgement, type Recreation } from './recreation';
import { bestBackup, chooseMasters, chooseSource, survivors, type Recovery } from './recovery';

type Said = ReadonlyMap<UnitName, Acknowledgement | null>;
type Decided = Partial<Recreation> | { readonly problem: string };

/** What the leader decides before the next phase begins: where the keys come from, once every unit has said what it has. */
export function decideRecovery(recreation: Recreation, recovery: Recovery, said: Said): Decided {
  if (recreation.phase === 'stop') {
    const choice = chooseSource(recovery, survivors(said, recreation.token));
    if ('problem' in choice) return choice;
    const { creator, chosen, why } = choice;
    const decided = { ...recovery, chosen, why };
    return { creator, recovery: chosen === 'files' ? fromFiles(decided, recreation, said) : decided };
  }
  if (recreation.phase !== 'validate') return {};
  if (recovery.chosen === 'survivor') return withSurvivor(recreation, recovery, said);
  return recovery.chosen === 'snapshot' ? withBackup(recreation, recovery, said) : {};
}

/** Who founds the empty cluster, and whose files become its keys: all of them have said what they have. */
function fromFiles(recovery: Recovery, { token }: Pick<Recreation, 'token'>, said: Said): Recovery {
  const told = new Map(
    [...said].flatMap(([unit, one]) => (one?.token === token ? [[unit, one.configuration] as const] : [])),
  );
  const seeder = chooseSeeder(new Map([...told].map(([unit, { files }]) => [unit, files])));
  const masters = chooseMasters(recovery, [...told.keys()].sort(), (unit) => told.get(unit)?.duty !== false);
  const whose = seeder === null ? '' : `; configuration comes from the files of ${seeder}`;
  return { ...recovery, masters, seeder, why: `${recovery.why ?? ''}${whose}` };
}

/**
 * Another source where the survivor that was chosen cannot be read; null where that is not what is wrong. The next one may have less:
 * all that happened stands in the reason.
 */
export function chooseAnother(recreation: Recreation, recovery: Recovery, said: Said): Partial<Recreation> | null {
  const { phase, creator, token } = recreation;
  if (phase !== 'validate' || recovery.chosen !== 'survivor' || creator === null) return null;
  const one = said.get(creator) ?? null;
  if (one?.token !== token || !one.damaged || one.problem === null) return null;
  const unusable = [...recovery.unusable, { unit: creator, why: one.problem }];
  const choice = chooseSource({ ...recovery, unusable }, survivors(said, token));
  if ('problem' in choice) return null;
  return { creator: choice.creator, recovery: { ...recovery, unusable, chosen: choice.chosen, why: choice.why } };
}

/** Another unit's files, where the one that was chosen has left before they became the keys; null where that is not so. */
export function chooseAnotherSeeder(recreation: Recreation, said: Said): Partial<Recreation> | null {
  const { recovery, phase } = recreation;
  if (recovery === null || recovery.seeder === null || isAtLeastPhase(phase, 'resume') || said.has(recovery.seeder))
    return null;
  return { recovery: fromFiles({ ...recovery, why: `${recovery.seeder} has left` }, recreation, said) };
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
  const why = `${recovery.why ?? ''}, and no unit has a good backup`;
  const empty = fromFiles({ ...recovery, chosen: 'files', why }, { token }, said);
  if (empty.seeder !== null) return { recovery: empty };
  // Nothing at all to begin with is no source: an empty cluster is made on the operator's own word alone.
  return { problem: `${why}; source=files begins with an empty cluster` };
}

/** All masters together, each of them empty; null while one of them has not told its address. */
export function emptyFounding(
  observed: Observed,
  { generation: number, token, recovery }: Recreation,
  units: readonly UnitName[],
): Founding | null {
  const named = units.filter((unit) => recovery?.masters.includes(unit) === true);
  const masters = named.length === 0 ? units : named;
  const urls = new Map(readableBags(observed).map(([unit, { peerUrl }]) => [unit, peerUrl]));
  const initial = masters.flatMap((unit) => {
    const peerUrl = urls.get(unit) ?? null;
    return peerUrl === null ? [] : [{ unit, peerUrl }];
  });
  return initial.length === 0 || initial.length < masters.length
    ? null
    : { generation: generation(number), token, initial };
}
