import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LightModel } from './light-model';

/** Overwrites files of a member's data in place with what is no etcd's, and kills it. */
export function spoil(model: LightModel, unit: string, what: 'log' | 'database'): void {
  const member = join(model.root(unit), 'var/lib/etcd/data/member');
  const wal = join(member, 'wal');
  const files = [join(member, 'snap/db'), ...(what === 'log' ? readdirSync(wal).map((name) => join(wal, name)) : [])];
  process.kill(model.pid(unit), 'SIGKILL');
  for (const file of files) {
    const to = openSync(file, 'r+');
    writeSync(to, Buffer.alloc(Math.min(statSync(file).size, 65_536), 'x'), 0);
    closeSync(to);
  }
}
