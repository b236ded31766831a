import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { MachineError } from './machine-error';

/** Where models keep their machines' disks and the record of what they created. */
export const defaultStateDir = '/var/lib/juju-emulator';

/** What a model has on the host; written before anything of it is created, so that a crash leaves no orphan. */
export interface ModelRecord {
  readonly model: string;
  /** Process that owns the model, and its start time in clock ticks (a pid alone may be another's by now). */
  readonly ownerPid: number;
  readonly ownerStart: string;
  /** What the model belongs to, e.g. one run of the tests (`JUJU_EMULATOR_SESSION` of the owner); empty if nothing. */
  readonly session: string;
  /** Index of the /24 network that the model has claimed; null before. */
  readonly subnet: number | null;
  readonly machines: readonly string[];
}

/** The record of a model that has nothing yet, owned by this process. */
export function newRecord(model: string): ModelRecord {
  return {
    model,
    ownerPid: process.pid,
    ownerStart: processStart(process.pid),
    session: process.env['JUJU_EMULATOR_SESSION'] ?? '',
    subnet: null,
    machines: [],
  };
}

/** Which models a clean-up is about; each given condition must hold. */
export interface LeftoverSelection {
  readonly stateDir?: string;
  readonly model?: string;
  readonly session?: string;
  /** Keep models whose owner still runs. Without it their owner is killed first. */
  readonly keepLive?: boolean;
}

export function selectRecords(records: readonly ModelRecord[], selection: LeftoverSelection): ModelRecord[] {
  return records
    .filter(({ model }) => selection.model === undefined || model === selection.model)
    .filter(({ session }) => selection.session === undefined || session === selection.session)
    .filter((record) => !(selection.keepLive === true && ownerAlive(record)));
}

/** Kills the controller of a model that is to be removed under it; never this process. */
export async function stopOwner(record: ModelRecord): Promise<void> {
  while (record.ownerPid !== process.pid && ownerAlive(record)) {
    try {
      process.kill(record.ownerPid, 'SIGKILL');
    } catch {
      return; // gone, or not ours to kill
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Claims a number below `count` for a model: a file made with O_EXCL, so parallel models never get the same. */
export function claimNumber(
  stateDir: string,
  model: string,
  first: number,
  count: number,
  free: (candidate: number) => boolean,
): number | null {
  const claims = join(stateDir, 'subnets');
  mkdirSync(claims, { recursive: true });
  for (let step = 0; step < count; step++) {
    const candidate = (first + step) % count;
    if (!free(candidate)) continue;
    try {
      writeFileSync(join(claims, String(candidate)), model, { flag: 'wx' });
      return candidate;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
  }
  return null;
}

/** Gives back every number that the model has claimed. */
export function releaseNumbers(stateDir: string, model: string): void {
  const claims = join(stateDir, 'subnets');
  if (!existsSync(claims)) return;
  for (const name of readdirSync(claims)) {
    const file = join(claims, name);
    if (existsSync(file) && readFileSync(file, 'utf8') === model) rmSync(file, { force: true });
  }
}

/** Six hex digits that tell a model's things from another's where a name has no room for the model's own. */
export function modelTag(model: string): string {
  return createHash('sha256').update(model).digest('hex').slice(0, 6);
}

export function modelDir(stateDir: string, model: string): string {
  return join(stateDir, 'models', model);
}

export function machineDir(stateDir: string, model: string, id: string): string {
  return join(modelDir(stateDir, model), 'machines', id);
}

/** Writes the record atomically. */
export function writeRecord(stateDir: string, record: ModelRecord): void {
  const directory = modelDir(stateDir, record.model);
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'record.json');
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
}

/** Every model on record; a directory without a readable record counts with no machines but those that have a disk. */
export function readRecords(stateDir: string): ModelRecord[] {
  const models = join(stateDir, 'models');
  if (!existsSync(models)) return [];
  return readdirSync(models).map((model) => {
    const machines = join(models, model, 'machines');
    const disks = existsSync(machines) ? readdirSync(machines) : [];
    try {
      const record = JSON.parse(readFileSync(join(models, model, 'record.json'), 'utf8')) as ModelRecord;
      return { ...record, model, machines: [...new Set([...record.machines, ...disks])] };
    } catch {
      return { model, ownerPid: 0, ownerStart: '', session: '', subnet: null, machines: disks };
    }
  });
}

export function forgetRecord(stateDir: string, model: string): void {
  rmSync(modelDir(stateDir, model), { recursive: true, force: true });
}

/** Start time of a process in clock ticks since boot (proc(5), stat field 22); empty if there is none. */
export function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

/** Whether the process that made the record still runs. */
export function ownerAlive(record: ModelRecord): boolean {
  return record.ownerPid > 0 && record.ownerStart !== '' && processStart(record.ownerPid) === record.ownerStart;
}

/** @throws MachineError `in-use` when a running process, this one included, has the model of an earlier record. */
export function refuseWhileInUse(earlier: ModelRecord | undefined): void {
  if (earlier === undefined || !ownerAlive(earlier)) return;
  const words = `a model "${earlier.model}" is in use by process ${earlier.ownerPid}; choose another name, or remove that one`;
  throw new MachineError('in-use', 'make a model', words);
}
