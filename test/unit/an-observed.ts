import { etcdVersion, memberId, unitName, url, type MemberId } from '../../src/domain/ids';
import type {
  CertificateFacts,
  Member,
  MemberStatus,
  Observed,
  PeerUnitBag,
  WorkloadOffer,
} from '../../src/domain/observed';
import { known, unknown, type Probe } from '../../src/domain/probe';
import { observe } from '../../src/domain/simulate/observe';
import { begin } from '../../src/domain/simulate/transaction';
import { emptyBag, newUnit, newWorld } from '../../src/domain/simulate/world';

/** A fresh unit `etcd/0` at 10.0.0.1 that has seen nothing yet, with what a test changes. */
export function anObserved(changes: Partial<Observed> = {}): Observed {
  const world = newWorld();
  const unit = newUnit(world, 0);
  world.leader = unit.name;
  return {
    ...observe(world, begin(world, unit, { kind: 'update-status', endpoint: null, departingUnit: null }), new Set()),
    ...changes,
  };
}

export const id = (number: number): MemberId => memberId(String(number));

export const aMember = (number: number, changes: Partial<Member> = {}): Member => ({
  id: id(number + 1),
  name: `etcd${number}`,
  peerUrls: [url(`https://10.0.0.${number + 1}:2380`)],
  clientUrls: [url(`https://10.0.0.${number + 1}:2379`)],
  learner: false,
  ...changes,
});

export const aStatus = (number: number, changes: Partial<MemberStatus> = {}): MemberStatus => ({
  memberId: id(number + 1),
  clusterId: id(99) as string as MemberStatus['clusterId'],
  leaderId: id(1),
  version: etcdVersion('3.5.16'),
  dbSize: 1,
  dbSizeInUse: 1,
  raftTerm: 2n,
  raftIndex: 3n,
  raftAppliedIndex: 3n,
  revision: 1n,
  learner: false,
  errors: [],
  latency: 1,
  ...changes,
});

const bagOf = (number: number): PeerUnitBag => ({
  ...emptyBag,
  peerUrl: url(`https://10.0.0.${number + 1}:2380`),
  clientUrl: url(`https://10.0.0.${number + 1}:2379`),
  version: etcdVersion('3.5.16'),
  generation: 1 as PeerUnitBag['generation'],
  memberId: id(number + 1),
  voter: true,
});

export interface ClusterSpec {
  readonly size: number;
  /** Members that do not answer. */
  readonly silent?: readonly number[];
  readonly quorum?: Probe<boolean>;
  readonly members?: readonly Member[];
}

/** `etcd/0` as a voter in a cluster of `size`, with everything installed. */
export function aClusterMember(
  { size, silent = [], quorum = known(true), members }: ClusterSpec,
  changes: Partial<Observed> = {},
): Observed {
  const numbers = [...Array(size).keys()];
  const list = members ?? numbers.map((number) => aMember(number));
  const fresh = anObserved();
  const leaderless = quorum.known && !quorum.value ? { leaderId: null } : {};
  return {
    ...fresh,
    peers: {
      ...fresh.peers,
      planned: known(numbers.map((number) => ({ unit: unitName(`etcd/${number}`), dying: false }))),
      present: numbers.slice(1).map((number) => unitName(`etcd/${number}`)),
      own: { value: bagOf(0), pending: false },
      others: new Map(numbers.slice(1).map((number) => [unitName(`etcd/${number}`), bagOf(number)])),
      application: {
        pending: false,
        value: {
          founding: {
            generation: 1 as never,
            token: 't',
            initial: numbers.map((number) => ({
              unit: unitName(`etcd/${number}`),
              peerUrl: url(`https://10.0.0.${number + 1}:2380`),
            })),
          },
          members: new Map(numbers.map((number) => [id(number + 1), unitName(`etcd/${number}`)])),
          addresses: new Map(
            numbers.map((number) => [url(`https://10.0.0.${number + 1}:2380`), unitName(`etcd/${number}`)]),
          ),
          recreation: null,
        },
      },
    },
    workload: { ...fresh.workload, current: etcdVersion('3.5.16'), installed: [etcdVersion('3.5.16')] },
    cluster: {
      local: silent.includes(0) ? unknown('refused') : known(aStatus(0, leaderless)),
      members: known(list),
      statuses: new Map(
        list.flatMap((member, number): [MemberId, Probe<MemberStatus>][] =>
          member.clientUrls.length === 0
            ? []
            : [[member.id, silent.includes(number) ? unknown('refused') : known(aStatus(number, leaderless))]],
        ),
      ),
      quorum,
      alarms: known([]),
      turn: known(null),
    },
    tls: { ca: aCertificate('ca'), server: aCertificate('server'), client: aCertificate('client') },
    ...changes,
  };
}

export const now = 1_800_000_000_000;

export const aCertificate = (
  what: 'ca' | 'server' | 'client',
  changes: Partial<CertificateFacts> = {},
): CertificateFacts => ({
  fingerprint: `${what}-1`,
  commonName: what === 'server' ? '10.0.0.1' : what,
  sans: what === 'server' ? ['10.0.0.1', '127.0.0.1', 'h', 'localhost'] : [],
  notBefore: now - 1000,
  notAfter: now + 1_000_000,
  isCa: what === 'ca',
  serverAuth: what === 'server',
  clientAuth: what !== 'ca',
  keyMatches: what === 'ca' ? null : true,
  signedByCa: true,
  unreadable: null,
  ...changes,
});

export const anOffer = (changes: Partial<WorkloadOffer> = {}): WorkloadOffer => ({
  source: 'resource',
  version: etcdVersion('3.5.16'),
  architecture: 'x64',
  sha256: 'x',
  problem: null,
  ...changes,
});
