import type { ClusterId, Url } from './ids';
import { holdsQuorum } from './member';
import type { Memory, Observed } from './observed';
import type { Step } from './step';

/** A cluster that this unit had a member of before the present one: it was restored or recovered since. */
export interface FormerCluster {
  readonly cluster: ClusterId;
  /** Client URLs of its other voters, without those that are members of the present cluster by now. */
  readonly endpoints: readonly Url[];
}

/** A member of a former cluster that answered as one. */
export interface FormerMember {
  readonly endpoint: Url;
  /** It knows a leader: a majority of the old cluster is there, and takes what clients write. */
  readonly serves: boolean;
}

/** Clusters that are remembered, the last ones; all their members are asked in every update-status. */
const remembered = 8;
/** How soon an old cluster that serves is looked at again, seconds. */
const retrySeconds = 60;

/**
 * Remembers where the members of the cluster before were, as long as they have not joined the present one, and what they answered. Those
 * who know nothing of the new cluster, cut off or frozen when they were given up, may come back at any time. To be planned before
 * memory.endpoints is changed to the present cluster's.
 */
export function planFormerClusters(observed: Observed): readonly Step[] {
  const memory = learned(observed);
  const again = memory.formerMembers.some(({ serves }) => serves) && observed.former !== null;
  return [
    ...(again
      ? [
          {
            kind: 'wake-later',
            afterSeconds: retrySeconds,
            why: 'to see whether the old cluster still serves',
          } as const,
        ]
      : []),
    ...(isSame(memory, observed.memory) ? [] : [{ kind: 'remember', memory } as const]),
  ];
}

const isSame = (one: Memory, other: Memory): boolean =>
  JSON.stringify([one.cluster, one.former, one.formerMembers]) ===
  JSON.stringify([other.cluster, other.former, other.formerMembers]);

/** The cluster that this unit agrees with, or did last; null before the first. */
export function clusterAgreedWith(observed: Observed): ClusterId | null {
  const { local } = observed.cluster;
  return local.known && holdsQuorum(observed) ? local.value.clusterId : observed.memory.cluster;
}

function learned(observed: Observed): Memory {
  const { memory, cluster } = observed;
  const before = { cluster: memory.cluster, former: memory.former };
  const { members } = cluster;
  const present = clusterAgreedWith(observed);
  const now = present === before.cluster ? before : { cluster: present, former: passed(memory) };
  // Who is listed has joined: nothing of the old cluster runs there.
  const joined = new Set(
    members.known && holdsQuorum(observed) ? members.value.flatMap(({ clientUrls }) => clientUrls) : [],
  );
  const former = now.former
    .map((one) => ({ ...one, endpoints: one.endpoints.filter((endpoint) => !joined.has(endpoint)) }))
    .filter(({ endpoints, cluster: id }) => endpoints.length > 0 && id !== now.cluster)
    .slice(-remembered);
  const watched = new Set(former.flatMap(({ endpoints }) => endpoints));
  const formerMembers = (observed.former ?? memory.formerMembers).filter(({ endpoint }) => watched.has(endpoint));
  return { ...memory, cluster: now.cluster, former, formerMembers };
}

function passed({ cluster, former, endpoints }: Memory): readonly FormerCluster[] {
  return cluster === null ? former : [...former, { cluster, endpoints }];
}

/** For the status: an old cluster that serves, with what to do; null where none does. */
export function describeServing({ memory, unit }: Observed): string | null {
  const serving = addressesOf(memory, true);
  if (serving.length === 0) return null;
  return `an old cluster serves at ${serving.join(', ')}, and what clients write there is not in this one: power those machines off, or let Juju reach them, then their units of ${unit.application} stop it`;
}

/** For the status: members of an old cluster that run without a majority. */
export function formerRemarks({ memory }: Observed): readonly string[] {
  const idle = addressesOf(memory, false);
  return idle.length === 0 ? [] : [`members of an old cluster run without a majority at ${idle.join(', ')}`];
}

const addressesOf = ({ formerMembers }: Memory, serving: boolean): readonly Url[] =>
  formerMembers.flatMap(({ endpoint, serves }) => (serves === serving ? [endpoint] : [])).sort();
