import type { ClusterFacts, Member, MemberStatus, PeerFacts, ServiceFacts } from '../domain/observed';
import { known, unknown, type Probe } from '../domain/probe';
import type { MemberId, Url } from '../domain/ids';
import type { EtcdProbe } from '../ports/etcd-api';
import { readAlarms } from '../ports/etcd-messages';
import { probing } from './probing';

export interface ClusterQuestion {
  /** null while there are no certificates to ask with. */
  readonly probe: EtcdProbe | null;
  /** The own member's client URL, as reached from this machine; null while no address is known. */
  readonly local: Url | null;
  readonly service: ServiceFacts;
  readonly peers: PeerFacts;
  /** Key of the turn for restarts. */
  readonly turnKey: string;
}

const nothingKnown = (reason: string): ClusterFacts => ({
  local: unknown(reason),
  members: unknown(reason),
  statuses: new Map(),
  quorum: unknown(reason),
  alarms: unknown(reason),
  turn: unknown(reason),
});

/**
 * What etcd says: the own member first, else the first other member that answers. On a healthy cluster that is one call to each
 * other member and three to the own: its status, its list, and one linearizable read that is both the turn and the quorum.
 */
export async function observeCluster(question: ClusterQuestion): Promise<ClusterFacts> {
  const { probe, service, turnKey } = question;
  if (probe === null) return nothingKnown('there are no certificates to ask etcd with');
  const { local } = question;
  if (local === null) return nothingKnown('this unit has no address');
  const stopped = service.state === 'absent' || service.state === 'stopped' || service.state === 'failed';
  const own: Probe<MemberStatus> = stopped
    ? unknown(`etcd is not running on this unit (${service.state})`)
    : await probing(() => probe.status(local));
  const via = own.known ? { endpoint: local, status: own.value } : await anotherMember(probe, question.peers);
  if (via === null) return { ...nothingKnown('no member answers'), local: own };

  // A member without a leader would hold a linearizable read back until it times out.
  const leaderless = via.status.leaderId === null;
  const [members, turn] = await Promise.all([
    probing(() => probe.members(via.endpoint)),
    leaderless ? unknown('the cluster has no leader') : probing(() => probe.turn(via.endpoint, turnKey)),
  ]);
  const [statuses, quorum] = await Promise.all([
    members.known ? statusesOf(probe, members.value, via.status) : new Map<MemberId, Probe<MemberStatus>>(),
    // The turn was read linearizably: that answer is the quorum's, too.
    leaderless ? known(false) : turn.known ? known(true) : probing(() => probe.hasQuorum(via.endpoint)),
  ]);
  return { local: own, members, statuses, quorum, alarms: known(readAlarms(via.status.errors)), turn };
}

async function anotherMember(
  probe: EtcdProbe,
  peers: PeerFacts,
): Promise<{ readonly endpoint: Url; readonly status: MemberStatus } | null> {
  const endpoints = [...peers.others.values()].flatMap(({ clientUrl, memberId }) =>
    clientUrl === null || memberId === null ? [] : [clientUrl],
  );
  const answers = await Promise.all(
    endpoints.map(async (endpoint) => ({ endpoint, status: await probing(() => probe.status(endpoint)) })),
  );
  const answered = answers.flatMap(({ endpoint, status }) =>
    status.known ? [{ endpoint, status: status.value }] : [],
  );
  // One that knows a leader is in the majority's part; a voter's list is newer than a learner's.
  return (
    answered.find(({ status }) => status.leaderId !== null && !status.learner) ??
    answered.find(({ status }) => status.leaderId !== null) ??
    answered[0] ??
    null
  );
}

async function statusesOf(
  probe: EtcdProbe,
  members: readonly Member[],
  asked: MemberStatus,
): Promise<ReadonlyMap<MemberId, Probe<MemberStatus>>> {
  const entries = await Promise.all(
    members.map(async ({ id, clientUrls }): Promise<readonly [MemberId, Probe<MemberStatus>] | null> => {
      const [endpoint] = clientUrls;
      if (endpoint === undefined) return null;
      return [id, id === asked.memberId ? known(asked) : await probing(() => probe.status(endpoint))];
    }),
  );
  return new Map(entries.filter((entry) => entry !== null));
}
