import { renderEtcdConfig } from '../render-etcd-config';
import type { Step } from '../step';
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
      transaction.written = { ...(transaction.written ?? transaction.application), founding: step.founding };
      return;
    case 'record-members':
      transaction.written = {
        ...(transaction.written ?? transaction.application),
        members: step.members,
        addresses: step.addresses,
      };
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
      if (disk.data !== null) disk.asideCount++;
      disk.data = null;
      return;
    default:
      return;
  }
}
