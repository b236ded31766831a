import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Where models keep their machines' disks and the record of what they created. */
export const defaultStateDir = '/var/lib/juju-emulator';

/** What a model has on the host; written before anything of it is created, so that a crash leaves no orphan. */
export interface ModelRecord {
  readonly model: string;
  /** Process that owns the model, and its start time in clock ticks (a pid alone may be another's by now). */
  readonly ownerPid: number;
  readonly ownerStart: string;
  /** Index of the /24 network that the model has claimed; null before. */
  readonly subnet: number | null;
  readonly machines: readonly string[];
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
      return { model, ownerPid: 0, ownerStart: '', subnet: null, machines: disks };
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
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Whether the process that made the record still runs. */
export function ownerAlive(record: ModelRecord): boolean {
  return record.ownerPid > 0 && record.ownerStart !== '' && processStart(record.ownerPid) === record.ownerStart;
}
