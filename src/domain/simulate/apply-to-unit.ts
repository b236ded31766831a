import { memberId, memberName, url } from '../ids';
import { firstRevision } from '../recreation';
import { renderEtcdConfig } from '../render-etcd-config';
import type { Step, StepOf } from '../step';
import { startProcess } from './process';
import type { Transaction } from './transaction';
import type { SimulatedUnit, World } from './world';

/** What a step changes on its unit's machine and in its hook's transaction. */
export function applyToUnit(world: World, unit: SimulatedUnit, transaction: Transaction, step: Step): void {
  const { disk } = unit;
  switch (step.kind) {
    case 'switch-binaries':
      disk.installed = true;
      return;
    case 'write-service-unit':
      disk.serviceUnit = true;
      return;
    case 'install-gate':
      disk.gateInstalled = true;
      return;
    case 'write-gate-settings':
      disk.gateSettings = step.settings;
      return;
    case 'start-gate':
      unit.responder = step.listening;
      return;
    case 'remove-gate':
      disk.gateInstalled = false;
      disk.gateSettings = null;
      unit.responder = null;
      return;
    case 'install-backup-timer':
      disk.backupSettings = step.settings;
      return;
    case 'remove-backup-timer':
      disk.backupSettings = null;
      return;
    case 'start-standby':
      disk.standby = step.settings;
      return;
    case 'remove-standby':
      disk.standby = null;
      return;
    case 'request-certificate':
      transaction.request = step.request;
      return;
    case 'install-certificates':
      disk.tls = true;
      return;
    case 'publish-peer':
      transaction.bag = step.bag;
      return;
    case 'write-founding':
      // The next token is another one.
      world.nextId++;
      transaction.written = { ...transaction.written, founding: step.founding };
      return;
    case 'record-members':
      transaction.written = {
        ...transaction.written,
        members: step.members,
        addresses: step.addresses,
      };
      return;
    case 'write-recreation':
      world.nextId++;
      transaction.written = { ...transaction.written, recreation: step.recreation };
      return;
    case 'remember':
      transaction.memory = step.memory;
      return;
    case 'publish-client':
      transaction.published = step.connectionString;
      return;
    case 'set-ports':
      transaction.ports = [
        ...(transaction.ports ?? unit.openedPorts).filter((port) => !step.close.includes(port)),
        ...step.open,
      ];
      return;
    case 'wake-later': {
      const at = world.now + step.afterSeconds * 1000;
      unit.timer = at;
      return;
    }
    case 'write-etcd-config':
      disk.configText = renderEtcdConfig(step.config);
      return;
    case 'mark-data':
      disk.marker = step.marker;
      return;
    case 'start-etcd':
      unit.enabled = true;
      startProcess(world, unit);
      return;
    case 'restart-etcd':
      unit.process = null;
      startProcess(world, unit);
      return;
    case 'stop-etcd':
      unit.enabled = false;
      unit.process = null;
      unit.heldBack = null;
      return;
    case 'move-data-aside':
      if (disk.data !== null) disk.aside = [...disk.aside, { marker: disk.marker, id: disk.data.id }];
      disk.data = null;
      return;
    default:
      return applyRecreating(world, unit, step);
  }
}

/** Steps of recreating the cluster that change the disk. */
function applyRecreating(world: World, unit: SimulatedUnit, step: Step): void {
  const { disk } = unit;
  switch (step.kind) {
    case 'stage-snapshot':
      if (disk.staged?.recreation.token !== step.staged.recreation.token)
        disk.restored = step.staged.made ? step.staged.recreation.token : null;
      disk.staged = step.staged;
      return;
    case 'check-staged':
      if (disk.staged !== null) disk.staged = { ...disk.staged, checked: true };
      return;
    case 'clear-staged':
      disk.staged = null;
      disk.restored = null;
      return;
    case 'measure-data': {
      const cluster = disk.data === null ? undefined : world.clusters.get(disk.data.cluster);
      if (disk.marker === null) return;
      const text = cluster?.revision.toString() ?? null;
      const logEnd = text === null ? null : { term: '2', index: text, commit: text };
      disk.marker = { ...disk.marker, lastRevision: text, logEnd };
      return;
    }
    case 'save-survivor':
    case 'stage-newest':
      disk.restored = null;
      disk.staged = simulatedOffer(unit, step);
      return;
    case 'restore-data':
      disk.restored = step.staged.recreation.token;
      if (disk.staged !== null) disk.staged = { ...disk.staged, made: true };
      return;
    case 'adopt-data':
      return adopt(world, unit);
    default:
      return;
  }
}

/** Survivors have all that their cluster had; every second unit has a backup. */
function simulatedOffer(
  { name, disk }: SimulatedUnit,
  { kind, recreation }: StepOf<'save-survivor' | 'stage-newest'>,
): SimulatedUnit['disk']['staged'] {
  const survives = kind === 'save-survivor';
  if (!survives && Number(name.split('/')[1]) % 2 === 1) return null;
  const old = disk.aside.findLast(({ marker }) => marker?.generation === recreation.replaces);
  const revision = survives ? BigInt(old?.marker?.lastRevision ?? '1') : 1n;
  return {
    recreation: { ...recreation, creator: name, snapshot: { sha256: 'bb', revision, keys: 1, hash: 1 } },
    db: '/var/lib/etcd/recreation/offer.db',
    size: 1,
    hasHash: false,
    alone: false,
    checked: true,
    made: false,
    problem: survives && old === undefined ? 'its old data are not there any more' : null,
    damaged: survives && old === undefined,
    takenAt: survives ? null : Number(name.split('/')[1]) + 1,
  };
}

/** A restored directory in place: a cluster of one, which begins where the snapshot ends. */
function adopt(world: World, { disk, name, address }: SimulatedUnit): void {
  if (disk.restored === null || disk.data !== null || disk.staged === null) return;
  const { recreation } = disk.staged;
  const id = memberId(String(world.nextId++));
  world.clusters.set(recreation.token, {
    token: recreation.token,
    generation: recreation.generation,
    members: [
      { id, name: memberName(name), peerUrls: [url(`https://${address}:2380`)], clientUrls: [], learner: false },
    ],
    everElected: false,
    turn: null,
    revision: Number(firstRevision(recreation)),
  });
  disk.data = { cluster: recreation.token, generation: recreation.generation, id, hadLeader: true };
  disk.restored = null;
}
