import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Left free beside what is written: other programs use the disk, too. */
const reserve = 64 * 1024 * 1024;

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;

/** The nearest directory above a path, or the path itself, that is there. */
async function existing(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) if ((await stat(at).catch(() => null)) !== null || at === '/') return at;
}

/**
 * Why nothing can be written to a directory that may not be there yet: the end of a sentence that begins with its path, with what to do.
 * Null where so many bytes can.
 */
export async function targetProblem(target: string, bytes: number): Promise<string | null> {
  const at = await existing(target);
  if (!(await stat(at)).isDirectory()) return `cannot be used: ${at} is not a directory. Give another target`;
  try {
    await access(at, constants.W_OK | constants.X_OK);
  } catch {
    return `cannot be written to: ${at} is read-only. Give another target`;
  }
  const { bavail, bsize, type } = await statfs(at);
  // proc(5), sysfs(5): nothing can be kept there, though root may write to some of it.
  if ([0x9fa0, 0x62656572].includes(type)) return `cannot be used: ${at} keeps no files. Give another target`;
  const free = bavail * bsize;
  if (free >= bytes + reserve) return null;
  return `has too little space: ${mebibytes(bytes + reserve)} are needed, and ${mebibytes(free)} are free. Free some with prune-backups, or give another target`;
}

/** Whether a user who owns `path` itself gets to it: every directory above must let others through, or be the user's own. */
export async function reachableBy(uid: number, path: string): Promise<boolean> {
  for (let at = dirname(path); ; at = dirname(at)) {
    const { mode, uid: owner } = await stat(at);
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return false;
    if (at === '/') return true;
  }
}
