import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CharmError } from '../domain/errors';
import type { Files } from './files';

/** User and group id of a name, or null where files keep the owner of this process (a private root). */
export type OwnerLookup = (name: string) => Promise<{ readonly uid: number; readonly gid: number } | null>;

/** Looks names up in passwd(5). */
export function passwdOwners(passwdFile = '/etc/passwd'): OwnerLookup {
  return async (name) => {
    const line = (await fs.readFile(passwdFile, 'utf8')).split('\n').find((text) => text.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid === undefined || gid === undefined) throw new Error(`there is no user ${name} on this machine`);
    return { uid: Number(uid), gid: Number(gid) };
  };
}

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

async function guarded<T>(operation: string, path: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const full = errorCode(cause) === 'ENOSPC';
    throw new CharmError({
      code: 'FILE_FAILED',
      operation,
      message: full
        ? `No space left on the disk of ${path}: free some. A hook tries again by itself; an action has to be run again.`
        : `Could not ${operation} ${path}: ${why}.`,
      cause,
      retryable: true,
    });
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await fs.open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What goes away while it is counted takes nothing. */
async function usageOf(path: string): Promise<number> {
  try {
    const stats = await fs.lstat(path);
    // st_blocks is in units of 512 bytes, whatever the file system's blocks are (stat(2)).
    const own = stats.blocks * 512;
    if (!stats.isDirectory()) return own;
    const below = await Promise.all((await fs.readdir(path)).map((name) => usageOf(join(path, name))));
    return below.reduce((sum, bytes) => sum + bytes, own);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/**
 * Files of this machine through node:fs. Reads do not leave the thread: a hook reads some thirty small files and has nothing to do
 * before it knows them, and the ways to the thread pool cost more than the reading.
 */
export class NodeFiles implements Files {
  private readonly owners: OwnerLookup;

  constructor(owners: OwnerLookup = passwdOwners()) {
    this.owners = owners;
  }

  async read(path: string): Promise<string | null> {
    return guarded('read', path, () => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
        throw error;
      }
    });
  }

  async readPart(path: string, offset: number, length: number): Promise<Buffer | null> {
    return guarded('read', path, () => {
      let descriptor: number;
      try {
        descriptor = openSync(path, constants.O_RDONLY);
      } catch (error) {
        if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
        throw error;
      }
      try {
        const part = Buffer.alloc(length);
        return part.subarray(0, readSync(descriptor, part, 0, length, offset));
      } finally {
        closeSync(descriptor);
      }
    });
  }

  async writeAtomic(
    path: string,
    content: string | Uint8Array,
    options: { readonly mode: number; readonly owner?: string },
  ): Promise<void> {
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
    await guarded('write', path, async () => {
      // Opened with no permission for others from the start: a secret is never readable, not even for a moment.
      // Made anew: in a directory of another user, that one could have put a link of this name there.
      await fs.rm(temporary, { force: true });
      const handle = await fs.open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(content);
        const owner = options.owner === undefined ? null : await this.owners(options.owner);
        if (owner !== null) await handle.chown(owner.uid, owner.gid);
        await handle.chmod(options.mode);
        await handle.sync();
      } catch (error) {
        await handle.close();
        await fs.rm(temporary, { force: true });
        throw error;
      }
      await handle.close();
      await fs.rename(temporary, path);
      await syncDirectory(dirname(path));
    });
  }

  async makeDirectory(path: string, options: { readonly mode: number; readonly owner?: string }): Promise<void> {
    await guarded('make directory', path, async () => {
      await fs.mkdir(path, { recursive: true });
      await fs.chmod(path, options.mode);
      const owner = options.owner === undefined ? null : await this.owners(options.owner);
      if (owner !== null) await fs.chown(path, owner.uid, owner.gid);
    });
  }

  async list(path: string): Promise<readonly string[] | null> {
    return guarded('list', path, () => {
      try {
        return readdirSync(path).sort();
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return null;
        throw error;
      }
    });
  }

  async move(from: string, to: string): Promise<void> {
    await guarded('move', from, async () => {
      await fs.rename(from, to);
      await syncDirectory(dirname(to));
      if (dirname(from) !== dirname(to)) await syncDirectory(dirname(from));
    });
  }

  async link(target: string, path: string): Promise<void> {
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
    await guarded('link', path, async () => {
      await fs.rm(temporary, { force: true });
      await fs.symlink(target, temporary);
      await fs.rename(temporary, path);
      await syncDirectory(dirname(path));
    });
  }

  async readLink(path: string): Promise<string | null> {
    return guarded('read link', path, () => {
      try {
        return readlinkSync(path);
      } catch (error) {
        if (errorCode(error) === 'ENOENT' || errorCode(error) === 'EINVAL') return null;
        throw error;
      }
    });
  }

  async copy(from: string, to: string, options: { readonly mode: number }): Promise<void> {
    const temporary = join(dirname(to), `.${basename(to)}.${process.pid}.new`);
    await guarded('copy', from, async () => {
      try {
        await fs.copyFile(from, temporary, constants.COPYFILE_FICLONE);
        const handle = await fs.open(temporary, 'r+');
        try {
          await handle.chmod(options.mode);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await fs.rename(temporary, to);
        await syncDirectory(dirname(to));
      } catch (error) {
        await fs.rm(temporary, { force: true });
        throw error;
      }
    });
  }

  async size(path: string): Promise<number | null> {
    return guarded('read size of', path, () => {
      try {
        return statSync(path).size;
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return null;
        throw error;
      }
    });
  }

  async append(path: string, line: string, options: { readonly mode: number }): Promise<void> {
    await guarded('append to', path, () =>
      fs.appendFile(path, line.endsWith('\n') ? line : `${line}\n`, { mode: options.mode }),
    );
  }

  async usage(path: string): Promise<number> {
    return guarded('read size of', path, () => usageOf(path));
  }

  async freeBytes(path: string): Promise<number> {
    return guarded('read free space of', path, () => {
      const stats = statfsSync(path);
      return stats.bavail * stats.bsize;
    });
  }

  async remove(path: string): Promise<void> {
    await guarded('remove', path, () => fs.rm(path, { recursive: true, force: true }));
  }
}
