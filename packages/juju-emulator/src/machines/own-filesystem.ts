import { chmodSync, chownSync, existsSync, mkdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hostCommand } from './host-command';
import { MachineError } from './machine-error';

/** What such a filesystem has beyond what the directory held, bytes. Its image is sparse: the host's disk gives only what is used. */
const spareBytes = 2 ** 30;
const operation = 'fill a disk';

export interface OwnFilesystem {
  /** The directory as the host sees it. */
  readonly directory: string;
  /** The directory as the machine sees it. */
  readonly path: string;
  /** File for the filesystem's image; must not exist. */
  readonly image: string;
  /** Runs a command on the machine and gives what it printed. */
  readonly inside: (argv: readonly string[]) => Promise<string>;
}

/**
 * Turns a directory on a machine's root into a filesystem of its own (ext4 in an image), with the same files, so that it can be
 * full without the host's disk being so. It stays one until the machine is removed, over reboots, too.
 * @throws MachineError `unsupported` while a process has files open there: it would go on writing to the old ones
 */
export async function giveOwnFilesystem({ directory, path, image, inside }: OwnFilesystem): Promise<void> {
  const refuse = (why: string): never => {
    throw new MachineError('unsupported', operation, why);
  };
  if (!existsSync('/dev/loop-control'))
    refuse(`${path} has no filesystem of its own, and this host has no loop devices to give it one`);
  const busy = await holders(path, inside);
  if (busy.length > 0)
    refuse(
      `${path} lies on the machine's root, and gets a filesystem of its own only while nobody has files open there: stop ${busy.join(', ')} first, or attach storage and fill that`,
    );
  const used = Number(
    (await hostCommand(operation, ['du', '--summarize', '--block-size=1', directory])).split('\t')[0],
  );
  const staging = `${image}.mnt`;
  const { uid, gid, mode } = statSync(directory);
  let mounted = false;
  try {
    await hostCommand(operation, ['truncate', '--size', String(used * 2 + spareBytes), image]);
    await hostCommand(operation, ['mkfs.ext4', '-q', '-m', '0', image]);
    mkdirSync(staging);
    // The loop device goes with its last mount.
    await hostCommand(operation, ['mount', '-o', 'loop', image, staging]);
    mounted = true;
    rmdirSync(join(staging, 'lost+found'));
    await hostCommand(operation, ['cp', '--archive', '--one-file-system', `${directory}/.`, staging]);
    chownSync(staging, uid, gid);
    chmodSync(staging, mode & 0o7777);
    await hostCommand(operation, ['mount', '--bind', staging, directory]);
  } catch (error) {
    rmSync(image, { force: true });
    throw error;
  } finally {
    if (mounted) await hostCommand(operation, ['umount', staging]);
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Who has files open below a directory of a machine, or stands in it: `name (pid)`. */
async function holders(path: string, inside: OwnFilesystem['inside']): Promise<string[]> {
  const found = await inside([
    '/bin/sh',
    '-c',
    `for p in /proc/[0-9]*; do
  for l in "$p"/cwd "$p"/fd/*; do
    case "$(readlink "$l" 2>/dev/null)" in "$1"|"$1"/*) echo "$(cat "$p"/comm) (\${p#/proc/})"; break;; esac
  done
done`,
    'sh',
    path.replace(/\/+$/, ''),
  ]);
  return found.split('\n').filter((line) => line !== '');
}
