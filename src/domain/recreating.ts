import type { UnitName, Url } from './ids';
import { actionableFounding, bagsOf, readableBags, unitsInApplication } from './member';
import type { Founding, Memory, Observed, PeerApplicationBag, PeerFacts, PeerUnitBag } from './observed';
import { hasBegun, isEnded, isHeld, isSuperseded, type Recreation, type StagedSnapshot } from './recreation';
import type { FoundingMark } from './start-gate';

/** The attempt that is under way, also as this very hook wrote it: what must not be done meanwhile is not done. */
export function activeRecreation({ peers }: Observed): Recreation | null {
  const { recreation, founding } = peers.application.value;
  return recreation === null || isEnded(recreation) || isSuperseded(recreation, founding) ? null : recreation;
}

/** The attempt that this unit may act on: read back, not written in this very hook. */
export const actionableRecreation = (observed: Observed): Recreation | null =>
  observed.peers.application.pending ? null : activeRecreation(observed);

/**
 * What an action began on the only unit of the application, and whose commit never came: the disk is ahead of the bag. null in `stop`,
 * where no bag can be read.
 */
export function begunAlone(observed: Observed): StagedSnapshot | null {
  const { peers, disk } = observed;
  if (peers.relationId === null || !disk.staged.known || disk.staged.value?.alone !== true) return null;
  return disk.staged.value.recreation.generation > newestGeneration(observed) ? disk.staged.value : null;
}

const newestGeneration = ({ peers }: Observed): number => {
  const { founding, recreation } = peers.application.value;
  return Math.max(founding?.generation ?? 0, recreation?.generation ?? 0);
};

/** The same, of any unit as far as it has said so, also of one that is going: what the leader takes up. */
export function begunSomewhere(observed: Observed): Recreation | null {
  const newest = newestGeneration(observed);
  const said = readableBags(observed).flatMap(([, { begun }]) =>
    begun !== null && begun.generation > newest ? [begun] : [],
  );
  const [latest] = said.sort((one, other) => other.generation - one.generation);
  return begunAlone(observed)?.recreation ?? latest ?? null;
}

/** Whether the cluster is being recreated, from its first phase to its last. */
export const isRecreating = (observed: Observed): boolean =>
  activeRecreation(observed) !== null || begunSomewhere(observed) !== null;

/** Whether no member may be started, joined or tidied up, because there is no decided cluster to do it in. */
export function isHoldingMembers(observed: Observed): boolean {
  const active = activeRecreation(observed);
  return begunSomewhere(observed) !== null || (active !== null && isHeld(active));
}

/** The newest generation that is decided, for the start gate: nothing older starts once members were stopped for a recreation. */
export function newestDecided(observed: Observed): FoundingMark | null {
  const begun = begunAlone(observed);
  return begun !== null ? markOf(begun.recreation) : newestWritten(observed.peers.application.value);
}

const markOf = ({ generation, token }: FoundingMark): FoundingMark => ({ generation, token });

function newestWritten({ founding, recreation }: PeerApplicationBag): FoundingMark | null {
  if (recreation !== null && hasBegun(recreation) && recreation.generation > (founding?.generation ?? 0))
    return markOf(recreation);
  return founding === null ? null : markOf(founding);
}

/**
 * Whether members that do not answer at once are not waited for, because the survey of a recovery asks them, for longer, or because this
 * unit has told that it found no majority in it: until the old data are aside each look would wait in vain. Who may begin to stop them
 * looks once more before.
 */
export function isLeftToSurvey({ own, application }: PeerFacts, { surveyed }: Memory, mayLead: boolean): boolean {
  const { recreation } = application.value;
  if (recreation?.purpose !== 'recovery') return false;
  const { phase, token } = recreation;
  if (phase === 'survey' && surveyed !== token) return true;
  if (phase !== 'stop' && (phase !== 'survey' || mayLead)) return false;
  const said = own.value.recreation;
  return said?.token === token && said.problem === null && !said.quorum;
}

/**
 * Where members answer, as far as their units said that they have one: those of the newest decided generation, and those of what was
 * given up. The latter are not asked: machines that are off keep every hook waiting, and one that comes back must never be joined (rule 10).
 * A unit that is being removed may have gone before it could say that it has a member, and be the only one that has.
 */
export function reportedMembers(
  bags: readonly PeerUnitBag[],
  leavers: readonly PeerUnitBag[],
  application: PeerApplicationBag,
): { readonly present: readonly Url[]; readonly former: readonly Url[] } {
  const newest = newestWritten(application)?.generation ?? 0;
  const urls = (isFormer: boolean): readonly Url[] =>
    [...bags, ...leavers].flatMap(({ clientUrl, memberId, generation }) => {
      const is = generation !== null && generation < newest;
      return clientUrl === null || memberId === null || is !== isFormer ? [] : [clientUrl];
    });
  const former = urls(true);
  const leaving = leavers.flatMap(({ clientUrl }) => clientUrl ?? []).filter((leaver) => !former.includes(leaver));
  return { present: [...new Set([...urls(false), ...leaving])], former };
}

/**
 * Whether the operator gave up what was before: then a majority of it that comes back (machines that were frozen or cut off) is ended
 * unit by unit, and what it took meanwhile lies aside. Where the leader founded anew by itself, a cluster that serves contradicts it.
 */
export function replacesByOperator({ peers }: Observed, { recreated, token }: Founding): boolean {
  return recreated === true || peers.application.value.recreation?.token === token;
}

/** Whether the data on this disk are of a cluster that the operator gave up, as far as this unit has read. */
export function hasGivenUpData(observed: Observed): boolean {
  const { data, marker } = observed.disk;
  const founding = actionableFounding(observed);
  if (founding === null || !replacesByOperator(observed, founding) || !data.known || data.value !== 'present')
    return false;
  return marker.known && marker.value !== null && marker.value.generation < founding.generation;
}

/**
 * Whether the members that answer are of the cluster that the application has now. Members of one that was given up may serve at
 * addresses that are still remembered: a list counts once it has a member that a unit, or the leader, wrote down for this generation.
 */
export function isPresentCluster(observed: Observed, founding: Founding): boolean {
  const { members } = observed.cluster;
  if (!members.known) return false;
  if (!replacesByOperator(observed, founding)) return true;
  const reported = readableBags(observed).flatMap(([, { generation, memberId }]) =>
    generation === founding.generation && memberId !== null ? [memberId] : [],
  );
  const known = new Set([...reported, ...observed.peers.application.value.members.keys()]);
  return members.value.some(({ id }) => known.has(id));
}

/**
 * The units of the application that may have a member: the leader writes a unit's address down before it can join, so that no other can.
 * Null while Juju does not tell who is there (rule 4). One whose removal has begun counts until it is gone: its etcd may run.
 */
export function unitsThatCount(observed: Observed, named: readonly UnitName[]): readonly UnitName[] | null {
  const units = unitsInApplication(observed);
  if (units === null) return null;
  const { founding, members, addresses } = observed.peers.application.value;
  const may = new Set([
    ...named,
    ...(founding?.initial.map(({ unit }) => unit) ?? []),
    ...members.values(),
    ...addresses.values(),
  ]);
  return [...units].filter((unit) => may.has(unit)).sort();
}

/** Units to name when a recreation begins: also those that told their address and are not written down yet. */
export function unitsToName(observed: Observed): readonly UnitName[] | null {
  const ready = bagsOf(observed).flatMap(([unit, { peerUrl }]) => (peerUrl === null ? [] : [unit]));
  return unitsThatCount(observed, [observed.unit.name, ...ready]);
}

/**
 * Units whose removal has begun. A leaver that comes to its `stop` can read no bag and so say nothing any more, and may wait there for
 * others to join: nothing is begun while there is one.
 */
export const unitsLeaving = ({ peers }: Observed): readonly UnitName[] =>
  peers.planned.known ? peers.planned.value.flatMap(({ unit, dying }) => (dying ? [unit] : [])) : [];
