import { emptyMemory } from './memory';
import {
  clusterId,
  etcdVersion,
  memberId,
  unitName,
  url,
  type Generation,
  type MemberId,
  type UnitName,
  type Url,
} from './ids';
import type {
  CertificateFacts,
  DataMarker,
  Member,
  MemberStatus,
  Memory,
  Observed,
  PeerApplicationBag,
  PeerUnitBag,
  TurnHolder,
} from './observed';
import { known, unknown, type Probe } from './probe';
import { quorumOf } from './quorum';
import { renderEtcdConfig } from './render-etcd-config';
import { heldBackBy, newestOf, renderGateSettings, type GateSettings, type HeldBack } from './start-gate';
import type { Step } from './step';

/**
 * A model of everything that the planners see and change: units with their disks, bags with commits, and etcd's membership. It knows
 * what is *true*; `observe` tells one unit what it would see. Mutable on purpose: a run has thousands of steps.
 */
export interface World {
  now: number;
  readonly units: Map<UnitName, SimulatedUnit>;
  leader: UnitName | null;
  application: PeerApplicationBag;
  readonly clusters: Map<string, SimulatedCluster>;
  config: Record<string, string | number | boolean | null>;
  /** Counts what happened from outside (a machine fell over, came back): nothing planned before it can be blamed after it. */
  faults: number;
  nextId: number;
}

export interface SimulatedUnit {
  readonly name: UnitName;
  readonly address: string;
  dying: boolean;
  machineUp: boolean;
  bag: PeerUnitBag;
  memory: Memory;
  request: { commonName: string; sans: readonly string[] } | null;
  answered: boolean;
  openedPorts: readonly string[];
  published: string | null;
  readonly disk: SimulatedDisk;
  process: { ready: boolean; configText: string } | null;
  /** Its etcd runs and answers nobody, peers neither: a machine that is cut off, a disk that stalls. */
  frozen: boolean;
  enabled: boolean;
  /** What the responder of the start gate listens as; it is up whenever its machine is. */
  responder: string | null;
  heldBack: HeldBack | null;
  timer: number | null;
}

export interface SimulatedDisk {
  installed: boolean;
  serviceUnit: boolean;
  gateInstalled: boolean;
  gateSettings: GateSettings | null;
  tls: boolean;
  configText: string | null;
  marker: DataMarker | null;
  data: {
    readonly cluster: string;
    readonly generation: Generation;
    readonly id: MemberId;
    /** Its raft log holds what a leader wrote. */
    readonly hadLeader: boolean;
  } | null;
  asideCount: number;
}

export interface SimulatedCluster {
  readonly token: string;
  readonly generation: Generation;
  members: Member[];
  everElected: boolean;
  turn: TurnHolder | null;
  revision: number;
}

/** What a hook has written and not committed. */
export interface Transaction {
  readonly unit: UnitName;
  /** Asked once, before any bag was read. */
  readonly leader: boolean;
  readonly event: Observed['event'];
  /** Bags as they were when the hook first read them. */
  readonly others: ReadonlyMap<UnitName, PeerUnitBag>;
  readonly application: PeerApplicationBag;
  readonly planned: readonly { readonly unit: UnitName; readonly dying: boolean }[];
  bag: PeerUnitBag | null;
  written: PeerApplicationBag | null;
  memory: Memory | null;
  request: SimulatedUnit['request'];
  ports: readonly string[] | null;
  published: string | null;
}

/** Which questions get no answer in one observation. */
export type Doubt = ReadonlySet<'leader' | 'planned' | 'local' | 'members' | 'statuses' | 'quorum' | 'turn' | 'disk'>;

export const emptyBag: PeerUnitBag = {
  peerUrl: null,
  clientUrl: null,
  version: null,
  generation: null,
  memberId: null,
  voter: false,
  neverElected: null,
  finished: 0,
  settings: null,
  clientAddress: null,
};

export function newWorld(): World {
  return {
    now: 1_800_000_000_000,
    units: new Map(),
    leader: null,
    application: { founding: null, members: new Map(), addresses: new Map() },
    clusters: new Map(),
    config: {},
    faults: 0,
    nextId: 1,
  };
}

export function newUnit(world: World, number: number): SimulatedUnit {
  const unit: SimulatedUnit = {
    name: unitName(`etcd/${number}`),
    address: `10.0.0.${number + 1}`,
    dying: false,
    machineUp: true,
    bag: emptyBag,
    memory: emptyMemory,
    request: null,
    answered: false,
    openedPorts: [],
    published: null,
    disk: {
      installed: false,
      serviceUnit: false,
      gateInstalled: false,
      gateSettings: null,
      tls: false,
      configText: null,
      marker: null,
      data: null,
      asideCount: 0,
    },
    process: null,
    frozen: false,
    enabled: false,
    responder: null,
    heldBack: null,
    timer: null,
  };
  world.units.set(unit.name, unit);
  return unit;
}

export function begin(world: World, unit: SimulatedUnit, event: Observed['event']): Transaction {
  const related = event.kind !== 'stop';
  return {
    unit: unit.name,
    leader: world.leader === unit.name,
    event,
    others: new Map(
      related ? [...world.units.values()].filter((one) => one !== unit).map((one) => [one.name, one.bag]) : [],
    ),
    // Nothing of the peer relation can be read in `stop`.
    application: related ? world.application : { founding: null, members: new Map(), addresses: new Map() },
    planned: [...world.units.values()].map(({ name, dying }) => ({ unit: name, dying })),
    bag: null,
    written: null,
    memory: null,
    request: unit.request,
    ports: null,
    published: unit.published,
  };
}

// etcd

const peerPort = (listed: readonly Url[]): string => listed.join();

/** The member of the list that a running process is, if it is still in it. */
function memberOfProcess(world: World, unit: SimulatedUnit): Member | null {
  const { data } = unit.disk;
  if (unit.process === null || unit.frozen || !unit.machineUp || data === null) return null;
  return world.clusters.get(data.cluster)?.members.find(({ id }) => id === data.id) ?? null;
}

/** The unit whose process runs a member now. */
export function unitRunning(world: World, token: string, id: MemberId): SimulatedUnit | null {
  for (const unit of world.units.values()) {
    if (unit.disk.data?.cluster === token && unit.disk.data.id === id && memberOfProcess(world, unit) !== null)
      return unit;
  }
  return null;
}

export function hasQuorum(world: World, cluster: SimulatedCluster): boolean {
  const voting = cluster.members.filter(({ learner }) => !learner);
  return (
    voting.length > 0 &&
    voting.filter(({ id }) => unitRunning(world, cluster.token, id)).length >= quorumOf(voting.length)
  );
}

/** Lets etcd do what it does by itself: elect, become ready, publish its client URLs, expire a turn whose unit is gone. */
export function settleEtcd(world: World): void {
  // systemd tries a start that was held back again and again.
  for (const unit of world.units.values()) if (unit.heldBack !== null) startProcess(world, unit);
  for (const cluster of world.clusters.values()) {
    if (!hasQuorum(world, cluster)) continue;
    cluster.everElected = true;
    for (const unit of world.units.values()) {
      const member = memberOfProcess(world, unit);
      const { data } = unit.disk;
      if (member === null || data?.cluster !== cluster.token || unit.process === null) continue;
      unit.disk.data = { ...data, hadLeader: true };
      unit.process.ready = true;
      if (member.clientUrls.length > 0 && member.name !== '') continue;
      const started = {
        ...member,
        name: unit.name.replace('/', ''),
        clientUrls: [url(`https://${unit.address}:2379`)],
      };
      cluster.members = cluster.members.map((one) => (one.id === member.id ? started : one));
    }
  }
}

export const leaderOf = (world: World, cluster: SimulatedCluster): MemberId | null =>
  hasQuorum(world, cluster)
    ? (cluster.members.find(({ id, learner }) => !learner && unitRunning(world, cluster.token, id))?.id ?? null)
    : null;

function statusOfUnit(world: World, unit: SimulatedUnit): Probe<MemberStatus> {
  const member = memberOfProcess(world, unit);
  const cluster = unit.disk.data === null ? undefined : world.clusters.get(unit.disk.data.cluster);
  if (member === null || cluster === undefined || unit.process?.ready !== true) return unknown('no answer');
  return known({
    memberId: member.id,
    clusterId: clusterId('1'),
    leaderId: leaderOf(world, cluster),
    version: simulatedVersion,
    dbSize: 1,
    dbSizeInUse: 1,
    raftTerm: 1n,
    raftIndex: BigInt(cluster.revision),
    raftAppliedIndex: BigInt(cluster.revision),
    revision: BigInt(cluster.revision),
    learner: member.learner,
    errors: [],
    latency: 1,
  });
}

// what a unit sees

const simulatedGate = 'node charm';
export const simulatedVersion = etcdVersion('3.5.16');

const certificate = (unit: SimulatedUnit, what: string): CertificateFacts => ({
  fingerprint: what === 'ca' ? 'ca' : `${what}-${unit.name}`,
  commonName: unit.address,
  sans: unit.request?.sans ?? [],
  notBefore: 0,
  notAfter: Number.MAX_SAFE_INTEGER,
  isCa: what === 'ca',
  serverAuth: true,
  clientAuth: true,
  keyMatches: true,
  signedByCa: true,
  unreadable: null,
});

/** What one unit sees in a hook; `doubt` names what does not answer this time. */
export function observe(world: World, transaction: Transaction, doubt: Doubt): Observed {
  const unit = world.units.get(transaction.unit);
  if (unit === undefined) throw new Error(`${transaction.unit} is gone`);
  const ask = <T>(what: Doubt extends ReadonlySet<infer Name> ? Name : never, value: T): Probe<T> =>
    doubt.has(what) ? unknown(`${what} gave no answer`) : known(value);
  const { disk } = unit;
  const answer = {
    ca: certificate(unit, 'ca'),
    server: certificate(unit, 'server'),
    client: certificate(unit, 'client'),
  };
  const related = transaction.event.kind !== 'stop';
  const present = [...world.units.values()].filter(
    (one) => one !== unit && one.name !== transaction.event.departingUnit,
  );
  return {
    now: world.now,
    event: transaction.event,
    entropy: `entropy${world.nextId}`,
    paths: { dataDir: '/d', caFile: '/ca', serverCertificateFile: '/s', serverKeyFile: '/k' },
    unit: {
      name: unit.name,
      application: 'etcd',
      modelUuid: 'm',
      isLeader: ask('leader', transaction.leader),
      peerAddress: known(unit.address),
      clientAddress: known(unit.address),
      peerBindAddress: known(unit.address),
      clientBindAddress: known(unit.address),
      hostname: 'h',
      architecture: 'x64',
    },
    peers: {
      relationId: related ? 'cluster:0' : null,
      planned: ask('planned', transaction.planned),
      present: related ? present.map(({ name }) => name).filter((name) => transaction.others.has(name)) : [],
      own: { value: related ? (transaction.bag ?? unit.bag) : emptyBag, pending: transaction.bag !== null },
      others: transaction.others,
      application: { value: transaction.written ?? transaction.application, pending: transaction.written !== null },
    },
    certificateAuthority: {
      relationId: 'certificates:1',
      request: { value: transaction.request, pending: false },
      answer: known(unit.answered ? answer : null),
    },
    clients: [
      {
        relationId: 'db:2',
        published:
          transaction.published === null
            ? null
            : {
                connectionString: transaction.published,
                version: simulatedVersion,
                caFingerprint: 'ca',
                clientFingerprint: answer.client.fingerprint,
              },
      },
    ],
    workload: {
      installed: disk.installed ? [simulatedVersion] : [],
      current: disk.installed ? simulatedVersion : null,
      resource: known(null),
      apt: known({ source: 'apt', version: simulatedVersion, architecture: 'x64', sha256: null, problem: null }),
      snap: known(null),
      predecessorData: false,
    },
    tls: disk.tls ? answer : { ca: null, server: null, client: null },
    service: {
      state: !disk.serviceUnit
        ? 'absent'
        : unit.process !== null
          ? 'running'
          : unit.heldBack === null
            ? 'stopped'
            : 'starting',
      unitFileHash: disk.serviceUnit ? 'unit' : null,
      wantedUnitFileHash: 'unit',
      configText: disk.configText,
      configHash: disk.configText,
      runningConfigHash: unit.process?.configText ?? null,
      runningVersion: unit.process === null ? null : simulatedVersion,
    },
    gate: {
      installed: disk.gateInstalled ? simulatedGate : null,
      wanted: simulatedGate,
      settings: disk.gateSettings === null ? null : renderGateSettings(disk.gateSettings),
      listening: unit.responder,
      heldBack: unit.heldBack,
    },
    disk: {
      data: ask('disk', disk.data === null ? 'absent' : 'present'),
      marker: ask('disk', disk.marker),
      hadLeader: ask('disk', disk.data?.hadLeader ?? false),
      freeBytes: known(1e9),
    },
    cluster: observeCluster(world, unit, transaction, doubt),
    openedPorts: transaction.ports ?? unit.openedPorts,
    config: world.config,
    memory: transaction.memory ?? unit.memory,
  };
}

function observeCluster(
  world: World,
  unit: SimulatedUnit,
  transaction: Transaction,
  doubt: Doubt,
): Observed['cluster'] {
  const nothing = unknown('no member answers');
  const local = doubt.has('local') || !unit.disk.tls ? nothing : statusOfUnit(world, unit);
  const asked = local.known ? unit : unit.disk.tls ? anotherAnswering(world, unit, transaction) : null;
  const cluster = world.clusters.get(asked?.disk.data?.cluster ?? '');
  if (cluster === undefined || doubt.has('members')) {
    return { local, members: nothing, statuses: new Map(), quorum: nothing, alarms: nothing, turn: nothing };
  }
  const quorum = hasQuorum(world, cluster);
  const statuses = new Map(
    cluster.members
      .filter(({ clientUrls }) => clientUrls.length > 0)
      .map(({ id }): [MemberId, Probe<MemberStatus>] => {
        const running = unitRunning(world, cluster.token, id);
        const silent = running === null || (doubt.has('statuses') && running !== asked);
        return [id, silent ? nothing : statusOfUnit(world, running)];
      }),
  );
  return {
    local,
    members: known(cluster.members),
    statuses,
    quorum: doubt.has('quorum') ? nothing : known(quorum),
    alarms: known([]),
    turn: doubt.has('turn') || !quorum ? nothing : known(cluster.turn),
  };
}

function anotherAnswering(world: World, asking: SimulatedUnit, { others, memory }: Transaction): SimulatedUnit | null {
  const reported = [...others.values()].flatMap(({ clientUrl, memberId: id }) =>
    clientUrl === null || id === null ? [] : [clientUrl],
  );
  const urls = [...reported, ...(memory ?? asking.memory).endpoints, ...(asking.disk.marker?.endpoints ?? [])];
  const candidates = [...world.units.values()]
    .filter((unit) => unit !== asking && urls.includes(url(`https://${unit.address}:2379`)))
    .filter((unit) => statusOfUnit(world, unit).known);
  const leading = candidates.find((unit) => {
    const status = statusOfUnit(world, unit);
    return status.known && status.value.leaderId !== null;
  });
  return leading ?? candidates[0] ?? null;
}

// what a step does

/** Not possible now: the executor waits, with a timer. */
export interface NotNow {
  readonly notNow: string;
}

const refused = (why: string): NotNow => ({ notNow: why });

/** Carries a step out on the true world and the hook's transaction. Returns what etcd refused; `fail-hook` is the caller's. */
export function apply(world: World, transaction: Transaction, step: Step): NotNow | null {
  const unit = world.units.get(transaction.unit);
  if (unit === undefined) throw new Error(`${transaction.unit} is gone`);
  const outcome = applyOwn(world, unit, transaction, step) ?? applyCluster(world, unit, step);
  settleEtcd(world);
  return outcome;
}

function applyOwn(world: World, unit: SimulatedUnit, transaction: Transaction, step: Step): NotNow | null {
  const { disk } = unit;
  switch (step.kind) {
    case 'switch-binaries':
      disk.installed = true;
      return null;
    case 'write-service-unit':
      disk.serviceUnit = true;
      return null;
    case 'install-gate':
      disk.gateInstalled = true;
      return null;
    case 'write-gate-settings':
      disk.gateSettings = step.settings;
      return null;
    case 'start-gate':
      unit.responder = step.listening;
      return null;
    case 'remove-gate':
      disk.gateInstalled = false;
      disk.gateSettings = null;
      unit.responder = null;
      return null;
    case 'request-certificate':
      transaction.request = step.request;
      return null;
    case 'install-certificates':
      disk.tls = true;
      return null;
    case 'publish-peer':
      transaction.bag = step.bag;
      return null;
    case 'write-founding':
      transaction.written = { ...(transaction.written ?? transaction.application), founding: step.founding };
      return null;
    case 'record-members':
      transaction.written = {
        ...(transaction.written ?? transaction.application),
        members: step.members,
        addresses: step.addresses,
      };
      return null;
    case 'remember':
      transaction.memory = step.memory;
      return null;
    case 'publish-client':
      transaction.published = step.connectionString;
      return null;
    case 'set-ports':
      transaction.ports = [
        ...(transaction.ports ?? unit.openedPorts).filter((port) => !step.close.includes(port)),
        ...step.open,
      ];
      return null;
    case 'wake-later': {
      const at = world.now + step.afterSeconds * 1000;
      unit.timer = at;
      return null;
    }
    case 'write-etcd-config':
      disk.configText = renderEtcdConfig(step.config);
      return null;
    case 'mark-data':
      disk.marker = step.marker;
      return null;
    case 'start-etcd':
      unit.enabled = true;
      startProcess(world, unit);
      return null;
    case 'restart-etcd':
      unit.process = null;
      startProcess(world, unit);
      return null;
    case 'stop-etcd':
      unit.enabled = false;
      unit.process = null;
      unit.heldBack = null;
      return null;
    case 'move-data-aside':
      if (disk.data !== null) disk.asideCount++;
      disk.data = null;
      return null;
    default:
      return null;
  }
}

/** The start gate of a unit, asking the peers that it has settings for and whose machines are up. */
function heldBack(world: World, { disk }: SimulatedUnit): HeldBack | null {
  const settings = disk.gateSettings;
  if (settings === null) return null;
  const answers = settings.peers.flatMap(({ unit: name }) => {
    const peer = world.units.get(name);
    if (peer?.machineUp !== true || peer.responder === null || peer.disk.gateSettings === null) return [];
    const { cluster, unit, decided } = peer.disk.gateSettings;
    return [{ cluster, unit, newest: newestOf(peer.disk.marker, decided) }];
  });
  return heldBackBy(settings, disk.marker, answers);
}

/** What etcd does at start: with data it goes on, without it founds or joins as its configuration says, or exits. */
export function startProcess(world: World, unit: SimulatedUnit): void {
  const { disk } = unit;
  if (unit.process === null) unit.frozen = false;
  if (unit.process !== null || disk.configText === null || !unit.machineUp) return;
  unit.heldBack = heldBack(world, unit);
  if (unit.heldBack !== null) return;
  if (disk.data === null) {
    if (disk.marker === null) return;
    const cluster =
      disk.marker.startedAs === 'new' ? foundedCluster(world, disk.marker) : world.clusters.get(disk.marker.token);
    const peerUrl = url(`https://${unit.address}:2380`);
    const own = cluster?.members.find(({ peerUrls }) => peerUrls.includes(peerUrl));
    if (cluster === undefined || own === undefined) return;
    disk.data = { cluster: cluster.token, generation: disk.marker.generation, id: own.id, hadLeader: false };
  }
  const cluster = world.clusters.get(disk.data.cluster);
  // A removed member exits at once, and systemd starts it again and again: a process that never gets ready.
  if (cluster === undefined) return;
  unit.process = { ready: false, configText: disk.configText };
}

function foundedCluster(world: World, marker: DataMarker): SimulatedCluster {
  const existing = world.clusters.get(marker.token);
  if (existing !== undefined) return existing;
  const cluster: SimulatedCluster = {
    token: marker.token,
    generation: marker.generation,
    members: marker.initial.map(({ name, peerUrl }) => ({
      id: memberId(String(world.nextId++)),
      name,
      peerUrls: [peerUrl],
      clientUrls: [],
      learner: false,
    })),
    everElected: false,
    turn: null,
    revision: 1,
  };
  world.clusters.set(marker.token, cluster);
  return cluster;
}

function clusterVia(world: World, via: readonly Url[]): SimulatedCluster | null {
  for (const cluster of world.clusters.values()) {
    const reached = cluster.members.some(
      ({ id, clientUrls }) =>
        clientUrls.some((one) => via.includes(one)) && unitRunning(world, cluster.token, id) !== null,
    );
    if (reached && hasQuorum(world, cluster)) return cluster;
  }
  return null;
}

function applyCluster(world: World, unit: SimulatedUnit, step: Step): NotNow | null {
  switch (step.kind) {
    case 'await-serving':
      return unit.process?.ready === true ? null : refused('for etcd to serve');
    case 'add-learner': {
      const cluster = clusterVia(world, step.via);
      if (cluster === null) return refused('etcd has no leader');
      if (cluster.members.some(({ peerUrls }) => peerPort(peerUrls) === step.peerUrl)) return null;
      if (cluster.members.some(({ learner }) => learner)) return refused('too many learner members in cluster');
      const id = memberId(String(world.nextId++));
      cluster.members = [...cluster.members, { id, name: '', peerUrls: [step.peerUrl], clientUrls: [], learner: true }];
      return null;
    }
    case 'promote-learner': {
      const cluster = clusterVia(world, step.via);
      if (cluster === null || unitRunning(world, cluster.token, step.memberId) === null)
        return refused('learner not in sync');
      cluster.members = cluster.members.map((one) => (one.id === step.memberId ? { ...one, learner: false } : one));
      return null;
    }
    case 'remove-member':
      return removeMember(world, step);
    case 'move-leadership': {
      const cluster = clusterVia(world, step.via);
      if (cluster === null) return refused('etcd has no leader');
      // The first running voter leads in this model: the list's order is the succession.
      const to = cluster.members.filter(({ id }) => id === step.to);
      cluster.members = [...to, ...cluster.members.filter(({ id }) => id !== step.to)];
      return null;
    }
    case 'update-peer-url': {
      const cluster = clusterVia(world, step.via);
      if (cluster === null) return refused('etcd has no leader');
      cluster.members = cluster.members.map((one) =>
        one.id === step.memberId ? { ...one, peerUrls: [step.peerUrl] } : one,
      );
      return null;
    }
    case 'take-turn': {
      const cluster = unit.disk.data === null ? undefined : world.clusters.get(unit.disk.data.cluster);
      if (cluster === undefined || !hasQuorum(world, cluster)) return refused('etcd has no leader');
      if (cluster.turn !== null && cluster.turn.unit !== unit.name)
        return refused('for another unit to finish its turn');
      cluster.turn = { unit: unit.name, lease: '1', purpose: step.purpose };
      return null;
    }
    case 'release-turn': {
      const cluster = unit.disk.data === null ? undefined : world.clusters.get(unit.disk.data.cluster);
      if (cluster?.turn?.unit === unit.name) cluster.turn = null;
      return null;
    }
    default:
      return null;
  }
}

function removeMember(world: World, step: Extract<Step, { kind: 'remove-member' }>): NotNow | null {
  const cluster = clusterVia(world, step.via);
  if (cluster === null) return refused('etcd has no leader');
  const member = cluster.members.find(({ id }) => id === step.memberId);
  if (member === undefined || (step.onlyIfLearner && !member.learner)) return null;
  const unit = unitRunning(world, cluster.token, member.id);
  cluster.members = cluster.members.filter(({ id }) => id !== member.id);
  if (unit?.process) unit.process.ready = false;
  return null;
}

/** Commits what a hook wrote. Returns the units to which that gives a hook; refused where the leader's writes come from one that leads no more. */
export function commit(world: World, transaction: Transaction): readonly UnitName[] | 'refused' {
  const unit = world.units.get(transaction.unit);
  if (unit === undefined) return [];
  if (transaction.written !== null && world.leader !== unit.name) return 'refused';
  const woken = new Set<UnitName>();
  const others = [...world.units.keys()].filter((name) => name !== unit.name);
  if (transaction.bag !== null && text(transaction.bag) !== text(unit.bag)) {
    unit.bag = transaction.bag;
    for (const name of others) woken.add(name);
  }
  if (transaction.written !== null && text(transaction.written) !== text(world.application)) {
    world.application = transaction.written;
    for (const name of world.units.keys()) woken.add(name);
  }
  unit.memory = transaction.memory ?? unit.memory;
  unit.request = transaction.request;
  unit.openedPorts = transaction.ports ?? unit.openedPorts;
  unit.published = transaction.published;
  return [...woken];
}

const text = (value: PeerUnitBag | PeerApplicationBag): string =>
  JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Map ? [...inner] : inner));
