import type { Desired } from './desired';
import { etcdConfigFor, type Beginning } from './etcd-config';
import { generation, memberName, type UnitName } from './ids';
import {
  actionableFounding,
  hasPromised,
  hasStarted,
  isJujuLeader,
  isLeaving,
  mayHaveData,
  ownMember,
  readableBags,
} from './member';
import type { DataMarker, Founding, FoundingMember, Observed } from './observed';
import { mayFoundAgain } from './plan-refound';
import { tlsReadiness } from './plan-tls';
import { isUp } from './service';
import type { Step } from './step';
import { minorOf } from './version';
import { waitForTime } from './waiting';

/** How long the founding waits for planned units after the first one was ready, milliseconds. */
export const foundingPatience = 180_000;
/** Without goal-state: how long the relation's members must not change before they count as all, milliseconds. */
export const membersSettle = 30_000;
/** How long a hook waits for the own member, milliseconds. */
export const servingPatience = 10_000;
/** How soon a member that was started and does not serve is looked at again, seconds. */
export const servingRetry = 10;

/** Units that are ready to be founders, own unit included; what this hook wrote itself counts, for it is committed with the decision. */
function readyUnits({ unit, peers, workload }: Observed): readonly FoundingMember[] {
  const bags = [[unit.name, peers.own.value] as const, ...peers.others];
  const ready = bags.flatMap(([name, { peerUrl, version }]) =>
    peerUrl === null || version === null ? [] : [{ unit: name, peerUrl, minor: minorOf(version) }],
  );
  // Members of one cluster share a minor version: the leader's decides, the others are told to attach that one.
  const minor = workload.current === null ? ready[0]?.minor : minorOf(workload.current);
  return ready
    .filter((one) => one.minor === minor)
    .map(({ unit: name, peerUrl }) => ({ unit: name, peerUrl }))
    .sort((one, other) => (one.unit < other.unit ? -1 : 1));
}

/** Which generation may be founded now; null while the present one stands or too little is known (rule 4). */
function nextGeneration(observed: Observed): Founding['generation'] | null {
  const { founding, recreation } = observed.peers.application.value;
  if (founding !== null) {
    const newest = Math.max(founding.generation, recreation?.generation ?? 0);
    return mayFoundAgain(observed, founding) ? generation(newest + 1) : null;
  }
  // A member of a generation that the application's data do not know: those data were lost, and founding anew would be a second cluster.
  const bags = [observed.peers.own.value, ...observed.peers.others.values()];
  return bags.some((bag) => bag.generation !== null) ? null : generation(1);
}

/** The Juju leader decides who founds the cluster; nobody acts on it before a later hook reads it back. */
export function planFounding(observed: Observed): readonly Step[] {
  const { unit, peers } = observed;
  const { relationId } = peers;
  if (relationId === null || !isJujuLeader(observed) || isLeaving(observed)) return [];
  if (peers.application.pending) {
    const why = 'for the decision of this hook to be committed';
    return peers.application.value.founding === null ? [] : ownDecisionWait(observed, why);
  }
  const next = nextGeneration(observed);
  const founders = readyUnits(observed);
  if (next === null || founders.length === 0) return [];
  const token = `${unit.application}-${next}-${observed.entropy}`;
  const { memory } = observed;
  const decide = (initial: readonly FoundingMember[]): readonly Step[] => [
    ...(memory.foundingWaitSince === null
      ? []
      : [{ kind: 'remember', memory: { ...memory, foundingWaitSince: null } } as const]),
    { kind: 'write-founding', relationId, founding: { generation: next, token, initial } },
    ...forgetMembers(observed, relationId),
    { kind: 'wait', why: 'for the founding decision to be committed', wokenBy: { by: 'own-application-bag' } },
  ];
  return peers.planned.known
    ? foundPlanned(
        observed,
        founders,
        new Set(peers.planned.value.filter(({ dying }) => !dying).map((one) => one.unit)),
        decide,
      )
    : foundPresent(observed, founders, decide);
}

/** Member ids of the generation that ends: who had one in it would seem to have one in the next. */
function forgetMembers({ peers }: Observed, relationId: string): readonly Step[] {
  const { members, addresses } = peers.application.value;
  return members.size === 0 ? [] : [{ kind: 'record-members', relationId, members: new Map(), addresses }];
}

/** The leader gets its own `relation-changed` for what it wrote, unless it wrote nothing new about the founding. */
function ownDecisionWait(observed: Observed, why: string): readonly Step[] {
  const marked = observed.disk.marker.known ? observed.disk.marker.value : null;
  const { founding } = observed.peers.application.value;
  return founding === null || marked?.generation === founding.generation
    ? []
    : [{ kind: 'wait', why, wokenBy: { by: 'own-application-bag' } }];
}

type Decide = (initial: readonly FoundingMember[]) => readonly Step[];

function foundPlanned(
  observed: Observed,
  ready: readonly FoundingMember[],
  planned: ReadonlySet<UnitName>,
  decide: Decide,
): readonly Step[] {
  const founders = ready.filter((member) => planned.has(member.unit));
  const missing = [...planned].filter((one) => !founders.some((member) => member.unit === one));
  if (founders.length === 0) return [];
  return missing.length === 0 ? decide(founders) : patience(observed, missing, () => decide(founders));
}

/** Without goal-state the relation's members count, once they have not changed for a while. */
function foundPresent(observed: Observed, ready: readonly FoundingMember[], decide: Decide): readonly Step[] {
  const { unit, peers, memory, now } = observed;
  const seen = [...peers.present].sort();
  const unchanged = memory.membersStableSince !== null && JSON.stringify(memory.membersSeen) === JSON.stringify(seen);
  if (!unchanged) return [{ kind: 'remember', memory: { ...memory, membersStableSince: now, membersSeen: seen } }];
  const left = (memory.membersStableSince ?? now) + membersSettle - now;
  if (left > 0) return waitForTime(Math.ceil(left / 1000), 'for the units of the application to settle');
  return foundPlanned(observed, ready, new Set([unit.name, ...peers.present]), decide);
}

function patience(
  { now, memory }: Observed,
  missing: readonly UnitName[],
  decide: () => readonly Step[],
): readonly Step[] {
  if (memory.foundingWaitSince === null) return [{ kind: 'remember', memory: { ...memory, foundingWaitSince: now } }];
  const left = memory.foundingWaitSince + foundingPatience - now;
  if (left <= 0) return decide();
  return waitForTime(Math.ceil(left / 1000), `for ${missing.join(', ')} to be ready to found the cluster`);
}

/** How the member of this disk began; null without a marker. */
export const beginningOf = (marker: DataMarker | null): Beginning | null =>
  marker === null ? null : { state: marker.startedAs, token: marker.token, initial: marker.initial };

/**
 * Whether this unit may start with `new` in this generation (rule 1): the decision names it, it was read back, it gave no promise to
 * stay out, and no member of it ever served: neither its disk, nor its bag, nor the cluster's own list says so.
 */
export function mayStartAsFounder(observed: Observed): boolean {
  const founding = actionableFounding(observed);
  const { disk, unit, peers } = observed;
  if (founding === null || !founding.initial.some((member) => member.unit === unit.name)) return false;
  // Restored data, and nothing else, are where a recreated cluster begins.
  if (founding.recreated === true) return false;
  if (hasPromised(observed, founding) || mayHaveData(observed, founding.generation) || !disk.marker.known) return false;
  const marker = disk.marker.value;
  if (marker !== null && marker.generation > founding.generation) return false;
  const markedOtherwise =
    marker?.generation === founding.generation && (marker.startedAs !== 'new' || marker.token !== founding.token);
  const { memberId, generation: reported } = peers.own.value;
  if (markedOtherwise || (memberId !== null && reported === founding.generation)) return false;
  const { members } = observed.cluster;
  if (!members.known || members.value.length === 0) return !haveOthersJoined(observed, founding);
  // The others elected a leader without it: its place must still be there, and nobody must have used it.
  const own = ownMember(observed);
  return own !== null && !own.learner && !hasStarted(own);
}

/**
 * Whether a unit that the decision does not name has a member of its generation: nobody joins before all founders serve (rule 3), so that
 * this decision took the place of another. Juju commits what a unit decided in a hook in which its machine stood still, if it leads again
 * by then. Nothing is begun beside what others serve; it is joined once it answers.
 */
const haveOthersJoined = (observed: Observed, { generation: decided, initial }: Founding): boolean =>
  readableBags(observed).some(
    ([name, bag]) => bag.memberId !== null && bag.generation === decided && !initial.some(({ unit }) => unit === name),
  );

/** A founder's first start. */
export function planFoundingStart(observed: Observed, desired: Desired): readonly Step[] {
  const founding = actionableFounding(observed);
  if (founding === null || !mayStartAsFounder(observed) || !tlsReadiness(observed).ready) return [];
  if (!observed.disk.data.known || observed.disk.data.value === 'present') return [];
  const marked = observed.disk.marker.known ? observed.disk.marker.value : null;
  if (marked?.generation === founding.generation && isUp(observed.service))
    return waitForTime(servingRetry, 'for etcd to serve on this unit');
  const own = founding.initial.find((member) => member.unit === observed.unit.name);
  const initial = founding.initial.map((member) => ({ name: memberName(member.unit), peerUrl: member.peerUrl }));
  const beginning: Beginning = {
    state: 'new',
    token: founding.token,
    initial,
    ...(own ? { peerUrl: own.peerUrl } : {}),
  };
  const config = etcdConfigFor(observed, desired, beginning);
  if (config === null) return [];
  const marker: DataMarker = { generation: founding.generation, startedAs: 'new', token: founding.token, initial };
  return [
    { kind: 'write-etcd-config', config },
    { kind: 'mark-data', marker },
    { kind: 'start-etcd', why: `founding generation ${founding.generation} with ${founding.initial.length} member(s)` },
    { kind: 'await-serving', timeoutMs: servingPatience, withLeader: true },
  ];
}
