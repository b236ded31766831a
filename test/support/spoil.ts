import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LightModel } from './light-model';

/** Bytes at the beginning of each file. */
const spoilt = 65_536;

function filesOf(model: LightModel, unit: string, what: 'log' | 'database'): string[] {
  const member = join(model.root(unit), 'var/lib/etcd/data/member');
  const wal = join(member, 'wal');
  return [join(member, 'snap/db'), ...(what === 'log' ? readdirSync(wal).map((name) => join(wal, name)) : [])];
}

/** Overwrites files of a member's data in place with what is no etcd's, and kills it. */
export function spoil(model: LightModel, unit: string, what: 'log' | 'database'): void {
  process.kill(model.pid(unit), 'SIGKILL');
  for (const file of filesOf(model, unit, what)) {
    const to = openSync(file, 'r+');
    writeSync(to, Buffer.alloc(Math.min(statSync(file).size, spoilt), 'x'), 0);
    closeSync(to);
  }
}

/** What a member's files begin with, so that they can be whole again wherever they were moved to. */
export class Remedy {
  private readonly files: { readonly descriptor: number; readonly beginning: Buffer }[];

  /** Of files that are whole yet. */
  constructor(
    private readonly model: LightModel,
    private readonly unit: string,
  ) {
    this.files = filesOf(model, unit, 'log').map((file) => {
      const descriptor = openSync(file, 'r+');
      const beginning = Buffer.alloc(Math.min(statSync(file).size, spoilt));
      readSync(descriptor, beginning, 0, beginning.length, 0);
      return { descriptor, beginning };
    });
  }

  /** The disk is good again; where the service manager tries to start etcd again and again, it does at once. */
  apply(): void {
    for (const { descriptor, beginning } of this.files) writeSync(descriptor, beginning, 0, beginning.length, 0);
    this.end();
    try {
      const root = this.model.root(this.unit);
      const pid = Number(readFileSync(join(root, 'run/light/etcd/supervisor'), 'utf8'));
      // Its number may be another's by now.
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(root)) process.kill(pid, 'SIGHUP');
    } catch {
      // It is stopped.
    }
  }

  end(): void {
    for (const { descriptor } of this.files.splice(0)) closeSync(descriptor);
  }
}
