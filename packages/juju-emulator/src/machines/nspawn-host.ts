import { rm } from 'node:fs/promises';
import { ControlGroup } from './control-group';
import { raiseHostLimits } from './host-limits';
import type { Machine, MachineHost } from './machine';
import type { StorageRequest } from './machine-storage';
import { defaultCacheDir, ensureImage, requireRoot } from './machine-image';
import { claimSubnet, ModelNetwork, removeNetwork } from './model-network';
import {
  defaultStateDir,
  forgetRecord,
  machineDir,
  modelDir,
  modelTag,
  newRecord,
  readRecords,
  refuseWhileInUse,
  releaseNumbers,
  selectRecords,
  stopOwner,
  writeRecord,
  type LeftoverSelection,
  type ModelRecord,
} from './model-record';
import { removeMachine } from './machine-root';
import { NspawnMachine } from './nspawn-machine';
import { removeStorageData } from './nspawn-storage';

export interface NspawnHostOptions {
  /** Name of the model; part of every name on the host. */
  readonly model: string;
  readonly stateDir?: string;
  readonly cacheDir?: string;
  /** Progress of the image build. */
  readonly onLine?: (line: string) => void;
}

/** Real machines: containers with their own systemd on a bridge of the model. Needs root on Linux. */
export class NspawnMachineHost implements MachineHost {
  readonly kind = 'nspawn';
  private readonly machines = new Map<string, NspawnMachine>();
  private readonly stateDir: string;
  private network: Promise<{ network: ModelNetwork; image: string }> | null = null;
  private record: ModelRecord;

  constructor(private readonly options: NspawnHostOptions) {
    this.stateDir = options.stateDir ?? defaultStateDir;
    this.record = newRecord(options.model);
  }

  async create(id: string): Promise<Machine> {
    requireRoot('make a machine');
    const { network, image } = await (this.network ??= this.prepare());
    // Numbers that are not taken: Juju never gives a machine number twice, but a test may.
    this.remember({ machines: [...this.record.machines.filter((other) => other !== id), id] });
    const machine = new NspawnMachine(id, Number.parseInt(id, 10), network, image, this.stateDir);
    this.machines.set(id, machine);
    machine.onStateChange((state) => {
      if (state === 'destroyed') this.machines.delete(id);
    });
    try {
      await machine.create();
    } catch (error) {
      await machine.destroy();
      throw error;
    }
    return machine;
  }

  async removeStorage(request: StorageRequest): Promise<void> {
    for (const machine of this.machines.values()) await machine.storage.removeData(request);
    await removeStorageData(modelDir(this.stateDir, this.options.model), request.uuid);
  }

  async destroyAll(): Promise<void> {
    await this.network?.catch(() => undefined);
    this.network = null;
    await Promise.all([...this.machines.values()].map((machine) => machine.destroy()));
    await removeModel(this.stateDir, this.record);
    this.record = newRecord(this.options.model);
  }

  private async prepare(): Promise<{ network: ModelNetwork; image: string }> {
    raiseHostLimits();
    const image = await ensureImage({
      cacheDir: this.options.cacheDir ?? defaultCacheDir,
      ...(this.options.onLine ? { onLine: this.options.onLine } : {}),
    });
    // What an earlier controller of this name left would be in the way.
    const earlier = readRecords(this.stateDir).find(({ model }) => model === this.options.model);
    refuseWhileInUse(earlier);
    if (earlier) await removeModel(this.stateDir, earlier);
    this.remember({});
    this.remember({ subnet: await claimSubnet(this.stateDir, this.options.model) });
    const network = new ModelNetwork(this.options.model, this.record.subnet ?? 0);
    await network.create();
    return { network, image };
  }

  private remember(change: Partial<ModelRecord>): void {
    this.record = { ...this.record, ...change };
    writeRecord(this.stateDir, this.record);
  }
}

/** Removes all that a model has on this host, from its record alone. Idempotent. */
async function removeModel(stateDir: string, record: ModelRecord): Promise<void> {
  await Promise.all(
    record.machines.map((id) => removeMachine(record.model, id, machineDir(stateDir, record.model, id))),
  );
  await removeStorageData(modelDir(stateDir, record.model));
  await removeNetwork(record.model);
  releaseNumbers(stateDir, record.model);
  new ControlGroup(`juju-emulator/${record.model}`).remove();
  await rm(`/run/juju-emulator/${modelTag(record.model)}`, { recursive: true, force: true });
  forgetRecord(stateDir, record.model);
}

/**
 * Removes machines, mounts, bridges, namespaces and rules of the models on record that `selection` names (all without one),
 * whoever made them; their controllers are killed first.
 * @returns the names of the models that were removed.
 */
export async function cleanLeftovers(selection: LeftoverSelection = {}): Promise<string[]> {
  const stateDir = selection.stateDir ?? defaultStateDir;
  const records = selectRecords(readRecords(stateDir), selection);
  if (records.length > 0) requireRoot('remove machines');
  for (const record of records) {
    await stopOwner(record);
    await removeModel(stateDir, record);
  }
  return records.map(({ model }) => model);
}
