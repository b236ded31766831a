import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlGroup } from './control-group';
import { LightMachine, removeLight } from './light-machine';
import type { Machine, MachineHost } from './machine';
import type { StorageRequest } from './machine-storage';
import { MachineError } from './machine-error';
import {
  claimNumber,
  forgetRecord,
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

/** Where light models live: short, because the path of a unix socket has at most 107 characters. */
export const defaultLightDir = join(tmpdir(), `juju-emulator-${process.getuid?.() ?? 0}`);

/** Longest directory of a machine that leaves an agent's sockets (`var/lib/juju/agents/unit-<name>/agent.socket`) some room. */
const longestDirectory = 50;

/** Networks are 127.64.0.0/24 to 127.127.255.0/24. */
const networks = 16_384;

/** Light machines of one model: private directories with loopback addresses. Needs no root. */
export class LightMachineHost implements MachineHost {
  readonly kind = 'light';
  private readonly machines = new Map<string, LightMachine>();
  private readonly stateDir: string;
  private record: ModelRecord;

  constructor(private readonly options: { readonly model: string; readonly stateDir?: string }) {
    this.stateDir = options.stateDir ?? defaultLightDir;
    this.record = newRecord(options.model);
  }

  async create(id: string): Promise<Machine> {
    const index = Number.parseInt(id, 10);
    if (index > 240) throw new MachineError('no-address', 'make a machine', 'a model has room for 240 machines');
    const directory = lightDir(this.stateDir, this.options.model, id);
    if (directory.length > longestDirectory) {
      const words = `${directory} is too long a path for the unix sockets below it; set TMPDIR to a short directory such as /tmp`;
      throw new MachineError('unsupported', 'make a machine', words);
    }
    if (this.record.subnet === null) await this.prepare();
    this.remember({ machines: [...this.record.machines.filter((other) => other !== id), id] });
    const subnet = this.record.subnet ?? 0;
    const { model } = this.options;
    const machine = new LightMachine(
      id,
      index,
      model,
      `127.${64 + (subnet >> 8)}.${subnet & 255}`,
      directory,
      lightGroup(model, id),
    );
    this.machines.set(id, machine);
    machine.onStateChange((state) => {
      if (state === 'destroyed') this.machines.delete(id);
    });
    await machine.start();
    return machine;
  }

  removeStorage(request: StorageRequest): Promise<void> {
    const store = join(this.stateDir, modelTag(this.options.model), 'storage');
    return rm(join(store, request.uuid), { recursive: true, force: true });
  }

  async destroyAll(): Promise<void> {
    await Promise.all([...this.machines.values()].map((machine) => machine.destroy()));
    await removeModel(this.stateDir, this.record);
    this.record = newRecord(this.options.model);
  }

  private async prepare(): Promise<void> {
    const { model } = this.options;
    const earlier = readRecords(this.stateDir).find((record) => record.model === model);
    refuseWhileInUse(earlier);
    const first = Number.parseInt(modelTag(model), 16) % networks;
    // Claimed before the first pause, so that machines created at the same time share it.
    const subnet = claimNumber(this.stateDir, model, first, networks, () => true);
    if (subnet === null) throw new MachineError('network', 'claim a network', 'no free loopback network');
    this.remember({ subnet });
    for (const id of earlier?.machines ?? [])
      await removeLight(lightDir(this.stateDir, model, id), lightGroup(model, id));
  }

  private remember(change: Partial<ModelRecord>): void {
    this.record = { ...this.record, ...change };
    writeRecord(this.stateDir, this.record);
  }
}

function lightDir(stateDir: string, model: string, id: string): string {
  return join(stateDir, modelTag(model), id);
}

/** As root the processes of a machine are in a control group; without root there is none. */
function lightGroup(model: string, id: string): ControlGroup | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  return new ControlGroup(`juju-emulator/${model}/${id}`);
}

async function removeModel(stateDir: string, record: ModelRecord): Promise<void> {
  for (const id of record.machines) {
    await removeLight(lightDir(stateDir, record.model, id), lightGroup(record.model, id));
  }
  if (process.getuid?.() === 0) new ControlGroup(`juju-emulator/${record.model}`).remove();
  releaseNumbers(stateDir, record.model);
  await removeLight(join(stateDir, modelTag(record.model)), null);
  forgetRecord(stateDir, record.model);
}

/** As `cleanLeftovers` for real machines. @returns the names of the models that were removed. */
export async function cleanLightLeftovers(selection: LeftoverSelection = {}): Promise<string[]> {
  const stateDir = selection.stateDir ?? defaultLightDir;
  mkdirSync(stateDir, { recursive: true });
  const records = selectRecords(readRecords(stateDir), selection);
  for (const record of records) {
    await stopOwner(record);
    await removeModel(stateDir, record);
  }
  return records.map(({ model }) => model);
}
