import { noNotes, renderBackupSettings } from '../backup-schedule';
import { noBackups } from '../backup-state';
import { noConfiguration } from '../configuration';
import type { CertificateFacts, Observed } from '../observed';
import { known, unknown, type Probe } from '../probe';
import { noStandby, renderStandbySettings } from '../standby';
import { renderGateSettings } from '../start-gate';
import type { Doubt } from './doubt';
import { observeCluster, simulatedVersion } from './observe-cluster';
import type { Transaction } from './transaction';
import { emptyBag, type SimulatedUnit, type World } from './world';

const simulatedGate = 'node charm';

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

/** Its link always finds a member: what it goes through is another application's. */
function observeStandby({ disk }: SimulatedUnit): Observed['standby'] {
  if (disk.standby === null) return noStandby;
  const text = renderStandbySettings(disk.standby);
  const [through = null] = disk.standby.members;
  return { offered: [], settings: text, link: disk.standby.release, proxy: text, through, serving: true };
}

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
    revoked: false,
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
      unlisted: doubt.has('planned') ? new Map() : transaction.unlisted,
      application: {
        value: { ...transaction.application, ...transaction.written },
        pending: transaction.written !== null,
      },
    },
    certificateAuthority: {
      relationId: 'certificates:1',
      dialect: unit.answered ? 'easyrsa' : null,
      request: { value: transaction.request, pending: false },
      answer: known(unit.answered ? answer : null),
      signing: null,
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
    mirror: { wanted: [], problem: null, settings: null, running: null, notes: [] },
    configuration: noConfiguration,
    standby: observeStandby(unit),
    backup: {
      settings: disk.backupSettings === null ? null : renderBackupSettings(disk.backupSettings),
      notes: noNotes,
      state: noBackups,
    },
    disk: {
      data: ask('disk', disk.data === null ? 'absent' : 'present'),
      marker: ask('disk', disk.marker),
      hadLeader: ask('disk', disk.data?.hadLeader ?? false),
      freeBytes: known(1e9),
      staged: ask('disk', disk.staged === null ? null : { ...disk.staged, complete: true }),
    },
    space: {
      aside: known(
        disk.aside.map(({ marker }, index) => ({
          name: `data-${index + 1}`,
          bytes: 1,
          generation: marker?.generation ?? null,
          measured: marker,
        })),
      ),
      snapshots: known(0),
      logs: known(0),
    },
    cluster: observeCluster(world, unit, transaction, doubt),
    former: null,
    remains: null,
    openedPorts: transaction.ports ?? unit.openedPorts,
    config: world.config,
    memory: transaction.memory ?? unit.memory,
  };
}
