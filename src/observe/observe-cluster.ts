import type { ClusterFacts, Member, MemberStatus, PeerFacts } from '../domain/observed';
import { known, unknown, type Probe } from '../domain/probe';
import { reportedMembers } from '../domain/recreating';
import type { MemberId, Url } from '../domain/ids';
import type { EtcdProbe } from '../ports/etcd-api';
import { readAlarms } from '../ports/etcd-messages';
import { probing } from './probing';

export interface ClusterQuestion {
  /** null while there are no certificates to ask with. */
  readonly probe: EtcdProbe | null;
  /** The own member's client URL, as reached from this machine; null while no address is known. */
  readonly local: Url | null;
  /** What the own member answers there. */
  readonly own: Promise<Probe<MemberStatus>>;
  /** Looked at only when the own member does not tell: Juju's answers come later than etcd's. */
  readonly peers: () => Promise<PeerFacts>;
  /** Client URLs of other voters as last seen: in `stop` no bag is left to read them from. Looked at as `peers` are. */
  readonly endpoints: () => Promise<readonly Url[]>;
  /** Key of the turn for restarts. */
  readonly turnKey: string;
  readonly patience: Patience;
}

/** What is done where the own member does not answer at once. */
export interface Patience {
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Whether others look for longer, or have in vain: then nobody is waited for. */
  readonly hopeless: () => Promise<boolean>;
}

/** Milliseconds after which the others are asked beside the own member: a healthy one has answered in a tenth of it. */
const headStart = 300;

const isSlow = (answer: Promise<unknown>, { sleep }: Patience): Promise<boolean> =>
  Promise.race([answer.then(() => false), sleep(headStart).then(() => true)]);

/** The own member's answer. Nothing that listens there refuses at once; one that starts up is waited for, for a short time. */
export async function observeLocal(
  probe: EtcdProbe | null,
  local: Url | null,
  patience: Patience,
): Promise<Probe<MemberStatus>> {
  if (probe === null) return unknown('there are no certificates to ask etcd with');
  if (local === null) return unknown('this unit has no address');
  const answer = probing(() => probe.status(local));
  return (await isSlow(answer, patience)) && (await patience.hopeless()) ? unknown(leftToSurvey) : answer;
}

const leftToSurvey = 'it did not answer at once, and the survey of the recovery asks it for longer';

const nothingKnown = (local: Probe<MemberStatus>, reason: string): ClusterFacts => ({
  local,
  members: unknown(reason),
  statuses: new Map(),
  quorum: unknown(reason),
  alarms: unknown(reason),
  turn: unknown(reason),
});

/**
 * What etcd says: the own member, unless it does not answer or is a learner, which may not tell; else the first other member that
 * answers, which is asked already while a slow own one is waited for. On a healthy cluster that is one call to each other member and
 * three to the own: its status, one linearizable read that is both the turn and the quorum, and its list. The list comes after that read,
 * so that a voter that lags has caught up with it.
 */
export async function observeCluster(question: ClusterQuestion): Promise<ClusterFacts> {
  const { probe, local, turnKey, patience } = question;
  if (probe === null || local === null) {
    const own = await question.own;
    return nothingKnown(own, own.known ? '' : own.reason);
  }
  const early = (await isSlow(question.own, patience)) ? othersWithHope(probe, question) : null;
  early?.catch(() => undefined);
  const own = await question.own;
  const via =
    own.known && !own.value.learner
      ? { endpoint: local, status: own.value }
      : await (early ?? othersWithHope(probe, question));
  if (via === null) return nothingKnown(own, own.known ? 'no voter answers' : 'no member answers');

  // A member without a leader would hold a linearizable read back until it times out.
  const leaderless = via.status.leaderId === null;
  const turn = leaderless
    ? unknown('the cluster has no leader')
    : await probing(() => probe.turn(via.endpoint, turnKey));
  const members = await probing(() => probe.members(via.endpoint));
  const asked = new Map([[via.status.memberId, via.status]]);
  if (own.known) asked.set(own.value.memberId, own.value);
  const [statuses, quorum] = await Promise.all([
    members.known ? statusesOf(probe, members.value, asked) : new Map<MemberId, Probe<MemberStatus>>(),
    // The turn was read linearizably: that answer is the quorum's, too.
    leaderless ? known(false) : turn.known ? known(true) : probing(() => probe.hasQuorum(via.endpoint)),
  ]);
  return { local: own, members, statuses, quorum, alarms: known(readAlarms(via.status.errors)), turn };
}

const othersWithHope = async (probe: EtcdProbe, question: ClusterQuestion): Promise<Answering | null> =>
  (await question.patience.hopeless()) ? null : anotherMember(probe, question);

interface Answering {
  readonly endpoint: Url;
  readonly status: MemberStatus;
}

/** Those that the other units name now; only when none of them answers, those that were there last. */
async function anotherMember(probe: EtcdProbe, { peers, endpoints }: ClusterQuestion): Promise<Answering | null> {
  const { others, unlisted, application } = await peers();
  const { present, former } = reportedMembers([...others.values()], [...unlisted.values()], application.value);
  const answering = await firstToAnswer(probe, present);
  if (answering !== null) return answering;
  return firstToAnswer(
    probe,
    (await endpoints()).filter((endpoint) => !present.includes(endpoint) && !former.includes(endpoint)),
  );
}

async function firstToAnswer(probe: EtcdProbe, endpoints: readonly Url[]): Promise<Answering | null> {
  const answers = await Promise.all(
    endpoints.map(async (endpoint) => ({ endpoint, status: await probing(() => probe.status(endpoint)) })),
  );
  const answered = answers.flatMap(({ endpoint, status }) =>
    status.known ? [{ endpoint, status: status.value }] : [],
  );
  // One that knows a leader is in the majority's part; a learner may not tell the list.
  return (
    answered.find(({ status }) => status.leaderId !== null && !status.learner) ??
    answered.find(({ status }) => !status.learner) ??
    null
  );
}

async function statusesOf(
  probe: EtcdProbe,
  members: readonly Member[],
  asked: ReadonlyMap<MemberId, MemberStatus>,
): Promise<ReadonlyMap<MemberId, Probe<MemberStatus>>> {
  const entries = await Promise.all(
    members.map(async ({ id, clientUrls }): Promise<readonly [MemberId, Probe<MemberStatus>] | null> => {
      const [endpoint] = clientUrls;
      if (endpoint === undefined) return null;
      const answered = asked.get(id);
      return [id, answered === undefined ? await statusOf(probe, id, endpoint) : known(answered)];
    }),
  );
  return new Map(entries.filter((entry) => entry !== null));
}

/** A unit's address stays when its member is another one, of another cluster even: what that says is no word of this one. */
async function statusOf(probe: EtcdProbe, id: MemberId, endpoint: Url): Promise<Probe<MemberStatus>> {
  const status = await probing(() => probe.status(endpoint));
  if (!status.known || status.value.memberId === id) return status;
  return unknown(`member ${status.value.memberId} answers at its address`);
}
