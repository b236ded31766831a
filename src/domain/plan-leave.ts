import {
  applicationIsLeaving,
  callMember,
  clusterLeader,
  giveUpData,
  hasPromised,
  healthyVoterUrls,
  holdsQuorum,
  isHealthy,
  ownMember,
  voters,
  votersDown,
} from './member';
import type { Member, Observed } from './observed';
import { memberName, type Url } from './ids';
import { mayRemove, quorumOf } from './quorum';
import { activeRecreation, hasGivenUpData } from './recreating';
import { isDown, isUp } from './service';
import { settingsDecided } from './start-gate';
import type { Step } from './step';

const wayOut =
  'start that unit, or let this one go without it: juju resolved --no-retry, or juju remove-unit --force (its vote is then lost until the leader removes it)';
const servingPatience = 10_000;

/**
 * This unit leaves: it hands leadership over, removes its own member, and stops etcd; its data stay on the disk. It looks at etcd's
 * list and never at `relation-list`, which is empty in `stop`.
 */
export function planLeave(observed: Observed): readonly Step[] {
  const { event, unit, memory } = observed;
  const stop: readonly Step[] = isUp(observed.service)
    ? [{ kind: 'stop-etcd', why: 'this unit is being removed' }]
    : [];
  if (memory.left) return stop;
  // Its cluster was given up while its machine was away: whatever that says, this unit has no part in it any more.
  if (hasGivenUpData(observed))
    return [...stop, ...setAside(observed), { kind: 'remember', memory: { ...memory, left: true } }];
  if (!observed.peers.planned.known && event.departingUnit === unit.name) {
    // The last hook in which the peers' data can be read: better tried again than passed over without an answer.
    return [
      {
        kind: 'fail-hook',
        why: `Juju does not say which units stay (${observed.peers.planned.reason}); it tries this hook again`,
      },
    ];
  }
  if (applicationIsLeaving(observed)) return [...stop, { kind: 'remember', memory: { ...memory, left: true } }];
  const { members } = observed.cluster;
  if (!members.known || !holdsQuorum(observed)) {
    // What the start gate heard is forgotten as soon as etcd is stopped; moved aside, the data are not started again.
    if (isReplaced(observed)) return [...stop, ...setAside(observed)];
    return mayHaveData(observed) ? withoutAnswer(observed) : stop;
  }
  const own = ownMember(observed);
  const named = memberName(observed.unit.name);
  if (own === null && !observed.cluster.local.known && members.value.some(({ name }) => name === named)) {
    return notNow(observed, `the cluster has a member ${named} at another address, which may be this unit's`);
  }
  if (own === null) return [...stop, ...setAside(observed), ...sayRemoved(observed)];
  return remove(observed, members.value, own);
}

/** Nothing on the disk, or data of a generation that never served, is nothing to lose: a member in the list without it is the Juju leader's to remove. */
function mayHaveData(observed: Observed): boolean {
  const { data, marker } = observed.disk;
  if (!data.known || !marker.known) return true;
  return data.value === 'present' && (marker.value === null || !hasPromised(observed, marker.value));
}

/** Its cluster has been recreated without these data, as its start gate was told or heard: no member of theirs is left anywhere to be removed. */
function isReplaced({ disk, gate }: Observed): boolean {
  const decided = gate.settings === null ? null : settingsDecided(gate.settings);
  const marker = disk.marker.known ? disk.marker.value : null;
  const newest = Math.max(decided?.generation ?? 0, gate.heldBack?.generation ?? 0);
  return marker !== null && newest > marker.generation;
}

/**
 * Before `stop` there is another hook to come; in it, the hook must fail, for the machine goes next. So it does before, while the others
 * were never told of its member: afterwards nothing can be told any more, and they may have nobody else to join by.
 */
function notNow(observed: Observed, why: string): readonly Step[] {
  const failing = failingStop(observed, why);
  if (failing !== null) return [failing];
  if (isUnheard(observed))
    return [{ kind: 'fail-hook', why: `This unit has not told the others of its member yet: ${why}` }];
  return [{ kind: 'wait', why: `to leave: ${why}`, wokenBy: { by: 'stop' } }];
}

/**
 * Whether the next hook may be the one in which it can tell nothing any more, while nobody was told of its member. What it has done of a
 * recreation in this hook is told first, as long as it loses another unit after this one: a hook that fails takes its word back.
 */
function isUnheard(observed: Observed): boolean {
  const { event, unit, peers } = observed;
  if (event.departingUnit !== unit.name || peers.own.value.memberId !== null) return false;
  return !(peers.own.pending && peers.present.length > 0 && activeRecreation(observed) !== null);
}

/**
 * Whether this unit is a founder of a generation that never had a leader, and too few of its founders are left to elect one: nobody
 * was ever served, and nobody waits for its vote. The marker and goal-state tell it also in `stop`, where no bag can be read.
 */
function cannotBeElected({ unit, disk, peers }: Observed): boolean {
  if (!disk.marker.known || disk.marker.value?.startedAs !== 'new' || !peers.planned.known) return false;
  if (!disk.hadLeader.known || disk.hadLeader.value) return false;
  const { initial } = disk.marker.value;
  const names = new Set([unit.name, ...peers.present, ...peers.planned.value.map((one) => one.unit)].map(memberName));
  return initial.filter(({ name }) => names.has(name)).length < quorumOf(initial.length);
}

/** In `stop` no timer wakes this unit any more: what etcd does not take now must fail the hook, so that Juju runs it again; else null. */
export const failingStop = ({ event }: Observed, why: string): Step | null =>
  event.kind === 'stop' ? { kind: 'fail-hook', why: `This unit cannot leave the cluster: ${why}; ${wayOut}` } : null;

/**
 * Whether this unit never got further than asking to join: its log has nothing that a leader wrote, so that it is no voter, and holds
 * nothing that anybody was ever told is kept. Restored data begin with a snapshot in their log, so that they are not this.
 */
function joinedInVain({ disk }: Observed): boolean {
  const { data, marker, hadLeader } = disk;
  if (!data.known || data.value !== 'present' || !marker.known || !hadLeader.known) return false;
  return marker.value?.startedAs === 'existing' && !hadLeader.value;
}

/** Why nothing of the generation on this disk is anybody's to lose, so that it is given up without a word of the cluster; else null. */
function nothingToLose(observed: Observed): string | null {
  if (cannotBeElected(observed)) return 'its generation can never elect a leader';
  return joinedInVain(observed) ? 'it never got anything of its cluster' : null;
}

function withoutAnswer(observed: Observed): readonly Step[] {
  const { service, cluster, disk } = observed;
  const vain = nothingToLose(observed);
  if (vain !== null) {
    const stop: readonly Step[] = isDown(service) ? [] : [{ kind: 'stop-etcd', why: 'this unit is being removed' }];
    return [...stop, ...giveUpData(observed, vain)];
  }
  const hasData = disk.data.known && disk.data.value === 'present';
  // Restored data whose configuration was not written yet cannot be started.
  if (isDown(service) && hasData && service.configText !== null) {
    return [
      { kind: 'start-etcd', why: 'to leave its cluster' },
      { kind: 'await-serving', timeoutMs: servingPatience, withLeader: true },
      ...notNow(observed, 'its etcd does not serve'),
    ];
  }
  const reason = cluster.members.known ? 'the cluster has no quorum' : `no member answers (${cluster.members.reason})`;
  if (isUnheard(observed)) return [{ kind: 'fail-hook', why: whyUnheard(observed, reason) }];
  return notNow(observed, reason);
}

/** Only here can the peers' data tell that this generation will never serve, and be told of it; in `stop` they cannot be read any more. */
function whyUnheard({ disk }: Observed, reason: string): string {
  if (disk.hadLeader.known && !disk.hadLeader.value)
    return 'The member of this unit never served yet; it leaves when it does, or when the other founders are gone';
  return `This unit cannot leave the cluster: ${reason}, and its data may be the last there are; start its other units, or copy /var/lib/etcd from this machine and let the unit go without them: juju remove-unit --force`;
}

/** A hook that is tried again every few seconds, because etcd does not let the member go yet, writes it once. */
const isSame = (marked: readonly Url[] | undefined, via: readonly Url[]): boolean =>
  marked !== undefined && [...marked].sort().join() === [...via].sort().join();

function remove(observed: Observed, members: readonly Member[], own: Member): readonly Step[] {
  const via = healthyVoterUrls(observed, own.id);
  const why = 'its unit leaves';
  const marker = observed.disk.marker.known ? observed.disk.marker.value : null;
  const removal: readonly Step[] = [
    ...(marker === null || isSame(marker.endpoints, via)
      ? []
      : [{ kind: 'mark-data', marker: { ...marker, endpoints: via } } as const]),
    { kind: 'remove-member', memberId: own.id, unit: observed.unit.name, via, why, onlyIfLearner: own.learner },
    { kind: 'stop-etcd', why: 'this unit is being removed' },
    ...setAside(observed),
    ...sayRemoved(observed),
  ];
  if (own.learner) return removal;
  const all = voters(members);
  if (all.length === 1) return notNow(observed, 'its member is the only one, and other units have not joined yet');
  const staying = all.filter(({ id }) => id !== own.id && isHealthy(observed, id));
  if (!mayRemove(all.length, staying.length)) {
    const down = votersDown(observed, own.id).map((member) => callMember(observed, member));
    return notNow(observed, `the rest would have no quorum (${down.join(', ')} down)`);
  }
  const [successor] = staying;
  if (clusterLeader(observed) === own.id && successor !== undefined) {
    return [{ kind: 'move-leadership', from: own.id, to: successor.id, via: healthyVoterUrls(observed) }];
  }
  return removal;
}

/** Kept, and out of the way: what stays in place is what a retried `stop` would take for a member still to be removed. */
const setAside = (observed: Observed): readonly Step[] => giveUpData(observed, 'its member has left the cluster');

/** Others wait for this: a removed member wakes nobody by itself. In `stop` the relation is gone, and they had `departed`. */
function sayRemoved({ peers, event }: Observed): readonly Step[] {
  const own = peers.own.value;
  if (peers.relationId === null || event.kind === 'stop' || event.kind === 'remove' || own.memberId === null) return [];
  const bag = { ...own, memberId: null, voter: false, finished: own.finished + 1 };
  return [{ kind: 'publish-peer', relationId: peers.relationId, bag }];
}
