import { generation, type UnitName } from './ids';
import { holdsQuorum, isJujuLeader, readableBags } from './member';
import type { Founding, Observed } from './observed';
import { chooseAnother, chooseAnotherSeeder, decideRecovery, emptyFounding } from './plan-recovery-lead';
import { actionableRecreation, begunSomewhere, unitsLeaving, unitsThatCount } from './recreating';
import {
  hasAcknowledged,
  hasBegun,
  isAboutChoice,
  isAtLeastPhase,
  isHeld,
  nextPhase,
  type Acknowledgement,
  type Recreation,
} from './recreation';
import type { Step } from './step';
import { block, waitForTime } from './waiting';

/** How soon the leader asks again who is in the application, seconds. */
const retrySeconds = 10;

/** Whom a recreation waits for now, and what stands in its way. */
export interface RecreationStanding {
  /** Units that must acknowledge the phase; null while Juju does not tell who is in the application. */
  readonly units: readonly UnitName[] | null;
  readonly waitsFor: readonly UnitName[];
  readonly problems: readonly { readonly unit: UnitName; readonly why: string }[];
  /** The unit that has the database has left the application, and nobody can go on without it. */
  readonly creatorGone: boolean;
}

/** What every unit says of its part, by unit. */
export const acknowledgements = (observed: Observed): ReadonlyMap<UnitName, Acknowledgement | null> =>
  new Map(readableBags(observed).map(([unit, { recreation }]) => [unit, recreation]));

/** Whether the operator said that the machine of this unit is off for good: nobody waits for it. It may come back all the same. */
const isGivenUp = ({ recovery }: Recreation, unit: UnitName): boolean => recovery?.failed.includes(unit) === true;

/** How far the units are. */
export function standingOf(observed: Observed, recreation: Recreation): RecreationStanding {
  const units = unitsThatCount(observed, recreation.units)?.filter((unit) => !isGivenUp(recreation, unit)) ?? null;
  const said = acknowledgements(observed);
  if (units === null) return { units, waitsFor: [], problems: [], creatorGone: false };
  const problems = units.flatMap((unit) => {
    const one = said.get(unit);
    return one?.token === recreation.token && one.problem !== null && isAboutChoice(one, recreation)
      ? [{ unit, why: one.problem }]
      : [];
  });
  const waitsFor = units.filter((unit) => !hasAcknowledged(said.get(unit) ?? null, recreation));
  const needed = !isAtLeastPhase(recreation.phase, 'load') && !servesWithout(observed, recreation);
  return {
    units,
    waitsFor,
    problems,
    creatorGone: needed && recreation.creator !== null && !units.includes(recreation.creator),
  };
}

/** Whether the new cluster agrees, whoever began it: others have joined, and join by them. This unit is a member of it. */
const servesWithout = (observed: Observed, { phase, generation: made }: Recreation): boolean =>
  phase === 'join' && observed.peers.own.value.generation === made && holdsQuorum(observed);

/** What the operator can do where a recreation cannot go on. */
export const wayOn = (recreation: Recreation): string =>
  isAtLeastPhase(recreation.phase, 'load')
    ? 'the cluster serves meanwhile'
    : recreation.purpose === 'restore'
      ? 'run restore again, it begins anew'
      : 'run recover-quorum again, it begins anew';

/** The Juju leader, whoever that is by now, begins the next phase once every unit that counts has acknowledged this one. */
export function planRecreationLead(observed: Observed): readonly Step[] {
  const { relationId } = observed.peers;
  if (relationId === null || !isJujuLeader(observed)) return [];
  const begun = begunSomewhere(observed);
  if (begun !== null) {
    if (observed.peers.application.pending) return [];
    // An action on the only unit began it and its commit never came: from here on it goes the way of all.
    const recreation: Recreation = { ...begun, phase: 'survey', touched: true };
    return [{ kind: 'write-recreation', relationId, recreation }];
  }
  const recreation = actionableRecreation(observed);
  if (recreation === null) return [];
  const write = (changes: Partial<Recreation>): Step => ({
    kind: 'write-recreation',
    relationId,
    recreation: { ...recreation, ...changes },
  });
  const majority = seesMajority(observed, recreation);
  const { units, waitsFor, problems, creatorGone } = standingOf(observed, recreation);
  if (units === null) return waitForTime(retrySeconds, 'for Juju to tell which units there are');
  const abandon = (why: string): readonly Step[] => [
    write({ phase: 'abandoned', problem: why, finishedAt: observed.now }),
  ];
  if (majority !== null) {
    const founded = foundedStill(observed, recreation);
    if (founded !== null) return [{ kind: 'write-recreation', relationId, recreation: founded }];
    return abandon(`${majority} reaches a majority that works`);
  }
  // Nobody who could have anything of the cluster is left: there is nothing to recreate, and a new one may be founded.
  if (!units.some((unit) => recreation.units.includes(unit)))
    return abandon('all units that took part have left the application');
  const heard = heardOf(observed, units);
  const other = recreation.recovery === null ? null : chooseAnother(recreation, recreation.recovery, heard);
  const changed = other ?? chooseAnotherSeeder(recreation, heard);
  if (changed !== null) return [write(changed)];
  const [first] = problems;
  if (first !== undefined) {
    const why = `${first.unit}: ${first.why}`;
    return hasBegun(recreation) ? block(`${why}; ${wayOn(recreation)}`) : abandon(why);
  }
  if (creatorGone) {
    const why = `${recreation.creator ?? ''}, which has the data, has left the application`;
    return hasBegun(recreation) ? block(`${why}: ${wayOn(recreation)}`) : abandon(why);
  }
  const leaving = unitsLeaving(observed).filter((unit) => !isGivenUp(recreation, unit));
  if (!hasBegun(recreation) && leaving.length > 0)
    return abandon(`${leaving.join(', ')} is being removed: restore once it is gone`);
  if (waitsFor.length > 0) {
    const why = `for ${waitsFor.join(', ')} to acknowledge ${recreation.phase}`;
    return [{ kind: 'wait', why, wokenBy: { by: 'relation', endpoint: 'cluster' } }];
  }
  return advance(observed, recreation, heard, relationId, write);
}

/** What units say that count: on what those have that are given up, or gone, nobody can rely. */
const heardOf = (observed: Observed, units: readonly UnitName[]): ReadonlyMap<UnitName, Acknowledgement | null> =>
  new Map([...acknowledgements(observed)].filter(([unit]) => units.includes(unit)));

/** Why the leader cannot begin the next phase although all units have acknowledged this one; null where nothing keeps it. */
export function indecision(observed: Observed, recreation: Recreation): string | null {
  const { units, waitsFor, problems } = standingOf(observed, recreation);
  if (recreation.recovery === null || units === null || waitsFor.length > 0 || problems.length > 0) return null;
  const decided = decideRecovery(recreation, recreation.recovery, heardOf(observed, units));
  return 'problem' in decided ? decided.problem : null;
}

function advance(
  observed: Observed,
  recreation: Recreation,
  heard: ReadonlyMap<UnitName, Acknowledgement | null>,
  relationId: string,
  write: (changes: Partial<Recreation>) => Step,
): readonly Step[] {
  const phase = nextPhase(recreation.phase);
  const decided = recreation.recovery === null ? {} : decideRecovery(recreation, recreation.recovery, heard);
  if ('problem' in decided) return block(`${decided.problem}; ${wayOn(recreation)}`);
  const lastRevision = newest(recreation, acknowledgements(observed));
  const changes = { phase, lastRevision, ...decided, ...(phase === 'done' ? { finishedAt: observed.now } : {}) };
  const next = write(changes);
  const founding = foundingFor(observed, { ...recreation, ...changes }, isHeld(recreation));
  if (founding === 'not yet') return waitForTime(retrySeconds, 'for the masters to tell their addresses');
  if (founding === null) return [next];
  const { addresses } = observed.peers.application.value;
  return [
    // One transaction: members of the old generation would seem to be of the new one.
    { kind: 'write-founding', relationId, founding },
    { kind: 'record-members', relationId, members: new Map(), addresses },
    next,
  ];
}

/** The founding that is written together with a phase; null where none is. */
function foundingFor(observed: Observed, next: Recreation, held: boolean): Founding | 'not yet' | null {
  if (next.phase === 'create' && next.recovery?.chosen === 'files')
    return emptyFounding(observed, next, standingOf(observed, next).units ?? []) ?? 'not yet';
  return held && next.phase === 'join' ? newFounding(observed, next) : null;
}

/** The earlier attempt whose cluster the survey has found: what is left of it to do, from joining on, is still to be done. */
function foundedStill({ peers }: Observed, { founded, generation: tried }: Recreation): Recreation | null {
  return founded !== null && founded.token === peers.application.value.founding?.token ? { ...founded, tried } : null;
}

/** A unit that reaches a majority of the cluster that is to be recovered: then nothing is to be. */
function seesMajority(observed: Observed, { purpose, phase, token }: Recreation): UnitName | null {
  if (purpose !== 'recovery' || phase !== 'survey') return null;
  const said = [...acknowledgements(observed)];
  return said.find(([, one]) => one?.token === token && one.quorum)?.[0] ?? null;
}

/** The creator alone, with the data that it has: nobody starts this generation empty. */
export function newFounding({ peers, unit }: Observed, recreation: Recreation): Founding | null {
  const { creator, token } = recreation;
  if (creator === null) return null;
  const { peerUrl } = (creator === unit.name ? peers.own.value : peers.others.get(creator)) ?? { peerUrl: null };
  if (peerUrl === null) return null;
  return {
    generation: generation(recreation.generation),
    token,
    initial: [{ unit: creator, peerUrl }],
    recreated: true,
  };
}

/** The last revision that any of them found in the data it moved aside. */
export function newest(recreation: Recreation, said: ReadonlyMap<UnitName, Acknowledgement | null>): bigint | null {
  const found = [...said.values()].flatMap((one) =>
    one?.token === recreation.token && one.revision !== null ? [one.revision] : [],
  );
  const known = recreation.lastRevision === null ? found : [recreation.lastRevision, ...found];
  return known.reduce<bigint | null>((most, one) => (most === null || one > most ? one : most), null);
}
