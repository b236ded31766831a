import type { MemberId, UnitName, Url } from './ids';
import {
  actionableFounding,
  bagsOf,
  hasStarted,
  healthyVoterUrls,
  holdsQuorum,
  isHealthy,
  isJujuLeader,
  unitOfMember,
  unitsInApplication,
  voters,
} from './member';
import type { Member, Memory, Observed } from './observed';
import { mayRemove } from './quorum';
import type { Step } from './step';
import { waitForTime } from './waiting';

/** How long a learner may make no progress before the Juju leader removes it, milliseconds (rule 3). */
export const learnerPatience = 300_000;
const lookSeconds = 60;
/** Progress within this time of the last look is not written down, milliseconds. */
const glanceInterval = 30_000;

/**
 * The Juju leader writes down which unit every member is of, and every peer URL: only those may be housekept later (rule 5). A joiner
 * waits for its URL to be here, so that no member is ever left behind that nobody knows.
 */
export function planMemberRecord(observed: Observed): readonly Step[] {
  const { peers, cluster } = observed;
  const { relationId } = peers;
  if (relationId === null || !isJujuLeader(observed) || actionableFounding(observed) === null) return [];
  const { members, addresses } = peers.application.value;
  const listed = cluster.members.known && holdsQuorum(observed) ? cluster.members.value : [];
  const freshMembers = listed.flatMap((member): [MemberId, UnitName][] => {
    const unit = members.has(member.id) ? null : unitOfMember(observed, member);
    return unit === null ? [] : [[member.id, unit]];
  });
  const freshAddresses = bagsOf(observed).flatMap(([unit, { peerUrl }]): [Url, UnitName][] =>
    peerUrl === null || addresses.get(peerUrl) === unit ? [] : [[peerUrl, unit]],
  );
  if (freshMembers.length + freshAddresses.length === 0) return [];
  return [
    {
      kind: 'record-members',
      relationId,
      members: new Map([...members, ...freshMembers]),
      addresses: new Map([...addresses, ...freshAddresses]),
    },
  ];
}

/** Removes members whose units are gone, and learners that are stuck; one at a time, and only while the rest holds quorum. */
export function planHousekeeping(observed: Observed): readonly Step[] {
  const { cluster, peers } = observed;
  if (!isJujuLeader(observed) || actionableFounding(observed) === null || !cluster.members.known) return [];
  const gone = goneMembers(observed, cluster.members.value);
  if (gone.length === 0)
    return [...planStuckLearner(observed, cluster.members.value), ...awaitGoalState(observed, cluster.members.value)];
  if (!holdsQuorum(observed)) return waitForTime(lookSeconds, 'for quorum, to remove members of units that are gone');
  const removable = gone.find((member) => canRemove(observed, member));
  if (removable === undefined)
    return waitForTime(lookSeconds, 'for more healthy members, to remove those of units that are gone');
  const unit = peers.application.value.members.get(removable.id) ?? null;
  const via = healthyVoterUrls(observed, removable.id);
  const why = `${unit ?? 'its unit'} has left the application`;
  return [{ kind: 'remove-member', memberId: removable.id, unit, via, why, onlyIfLearner: removable.learner }];
}

/** Members recorded as those of units that the application has no more. Committed records only: an unknown one is nobody's to remove. */
function goneMembers(observed: Observed, members: readonly Member[]): readonly Member[] {
  const units = unitsInApplication(observed);
  if (units === null) return [];
  const recorded = observed.peers.application.value.members;
  return members.filter(({ id }) => {
    const unit = recorded.get(id);
    return unit !== undefined && !units.has(unit);
  });
}

/**
 * A unit that is being removed leaves the relation before its `stop`, and its end gives nobody a hook; without goal-state nobody is gone
 * (rule 4). So where the relation lacks the unit of a recorded member, goal-state is asked again.
 */
function awaitGoalState({ unit, peers }: Observed, members: readonly Member[]): readonly Step[] {
  const { planned } = peers;
  const staying = planned.known ? planned.value.filter(({ dying }) => !dying).map((one) => one.unit) : [];
  const here = [unit.name, ...peers.present, ...staying];
  const absent = members
    .flatMap(({ id }) => peers.application.value.members.get(id) ?? [])
    .find((owner) => !here.includes(owner));
  return absent === undefined ? [] : waitForTime(lookSeconds, `to know whether ${absent} has left`);
}

function canRemove(observed: Observed, { id, learner }: Member): boolean {
  if (learner || !observed.cluster.members.known) return learner;
  const all = voters(observed.cluster.members.value);
  return mayRemove(all.length, all.filter((member) => member.id !== id && isHealthy(observed, member.id)).length);
}

/** How far a learner is: nothing else of it matters here. */
function progressOf({ cluster }: Observed, learner: Member): string {
  const status = cluster.statuses.get(learner.id);
  if (!hasStarted(learner)) return 'not started';
  return status?.known === true ? status.value.raftAppliedIndex.toString() : 'no answer';
}

/** A learner has no vote and no data of its own: one that is stuck holds up every other joiner, so it may go; its unit adds itself again. */
function planStuckLearner(observed: Observed, members: readonly Member[]): readonly Step[] {
  const { memory, now, unit } = observed;
  const learners = members.filter((member) => member.learner && unitOfMember(observed, member) !== null);
  const seen: Memory['learnerSince'] = Object.fromEntries(
    learners.map((learner) => {
      const index = progressOf(observed, learner);
      const before = memory.learnerSince[learner.id];
      // Looked at now and then only: under load the index moves between any two looks.
      const fresh = before !== undefined && (before.index === index || now - before.since < glanceInterval);
      return [learner.id, fresh ? before : { since: now, index }];
    }),
  );
  const changed = JSON.stringify(seen) !== JSON.stringify(memory.learnerSince);
  const remember: readonly Step[] = changed ? [{ kind: 'remember', memory: { ...memory, learnerSince: seen } }] : [];
  const foreign = learners.filter((learner) => unitOfMember(observed, learner) !== unit.name);
  const stuck = foreign.find((learner) => now - (seen[learner.id]?.since ?? now) >= learnerPatience);
  if (stuck !== undefined && holdsQuorum(observed)) {
    const why = 'it made no progress as a learner for five minutes; its unit adds itself again';
    const via = healthyVoterUrls(observed);
    return [
      ...remember,
      { kind: 'remove-member', memberId: stuck.id, unit: unitOfMember(observed, stuck), via, why, onlyIfLearner: true },
    ];
  }
  if (foreign.length === 0) return remember;
  return [
    ...remember,
    ...waitForTime(
      lookSeconds,
      `for ${foreign.map((one) => unitOfMember(observed, one)).join(', ')} to become a voter`,
    ),
  ];
}

/** Members that no unit of this application is known for: reported, never removed (rule 5). */
export const foreignMembers = (observed: Observed): readonly Member[] =>
  observed.cluster.members.known
    ? observed.cluster.members.value.filter((member) => unitOfMember(observed, member) === null)
    : [];
