import { access, open, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { etcdVersion, type EtcdVersion } from '../domain/ids';
import { CharmError } from '../domain/errors';
import { isAtLeast } from '../domain/version';
import { lastBoltKey, readBolt, readBoltValue, type BoltFacts } from './bolt-file';
import type { Files } from './files';
import type { Paths } from './paths';
import type { ProcessResult, Processes } from './processes';

/** What `snapshot status` answers. */
export interface SnapshotStatus {
  readonly hash: number;
  /** What a member that is restored from it serves. */
  readonly revision: bigint;
  readonly totalKeys: number;
}

/** A database of 8 GiB on a slow disk; a program that hangs must end, too. */
const timeoutMs = 30 * 60_000;

/** The program that works on snapshot files without a server: etcdutl, and etcdctl where there is none (it does the same up to 3.5). */
export class SnapshotTool {
  readonly version: EtcdVersion;
  private readonly processes: Processes;
  private readonly directory: string;

  /** `directory` has the programs of `version`. */
  constructor(processes: Processes, directory: string, version: string) {
    this.processes = processes;
    this.directory = directory;
    this.version = etcdVersion(version);
  }

  /** `snapshot status`: etcd's own check of all pages. Null, with its last line, where it finds the file no good. */
  async status(
    db: string,
  ): Promise<
    { readonly status: SnapshotStatus; readonly said: null } | { readonly status: null; readonly said: string }
  > {
    const { exitCode, stdout, stderr } = await this.run(['snapshot', 'status', db, '--write-out=json']);
    if (exitCode !== 0) return { status: null, said: lastWords(stderr, exitCode) };
    try {
      // The revision may be beyond what a JSON number holds exactly.
      const revision = /"revision":(\d+)/.exec(stdout)?.[1];
      const { hash, totalKey } = JSON.parse(stdout) as { hash?: unknown; totalKey?: unknown };
      if (revision === undefined || typeof hash !== 'number' || typeof totalKey !== 'number') throw new Error(stdout);
      const served = await servedRevision(db, BigInt(revision));
      return { status: { hash, revision: served, totalKeys: totalKey }, said: null };
    } catch {
      return { status: null, said: `snapshot status printed: ${stdout.slice(0, 200).trim()}` };
    }
  }

  /** Runs the program; never throws for its exit status. */
  async run(args: readonly string[], cwd?: string): Promise<ProcessResult> {
    const [program = '', ...rest] = await this.command(args);
    return this.processes.run(program, rest, {
      timeoutMs,
      allowFailure: true,
      env: { ETCDCTL_API: '3' },
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  /** Whether its `snapshot restore` can make revisions go on well above those of the snapshot (etcdutl 3.6 and later). */
  async canBump(): Promise<boolean> {
    const { stdout, stderr } = await this.run(['snapshot', 'restore', '--help']);
    const help = `${stdout}${stderr}`;
    return help.includes('--bump-revision') && help.includes('--mark-compacted');
  }

  /** The program and its arguments; it needs `ETCDCTL_API=3` in its environment. */
  async command(args: readonly string[]): Promise<readonly string[]> {
    return [await this.program(), ...args];
  }

  private async program(): Promise<string> {
    const [own, older] = [join(this.directory, 'etcdutl'), join(this.directory, 'etcdctl')];
    const there = await access(own).then(
      () => true,
      () => false,
    );
    if (there) return own;
    if (!isAtLeast(this.version, 3, 6)) return older;
    throw new CharmError({
      code: 'SOURCE_UNUSABLE',
      operation: 'snapshot',
      message: `etcd ${this.version} is installed without etcdutl, which works on its snapshots: attach a release archive that has it.`,
      retryable: false,
    });
  }
}

/** The tool of the version that is installed. Throws `SOURCE_UNUSABLE` where there is none yet. */
export async function installedTool({
  files,
  paths,
  processes,
}: {
  readonly files: Files;
  readonly paths: Paths;
  readonly processes: Processes;
}): Promise<SnapshotTool> {
  const version = await files.readLink(paths.current);
  if (version !== null) return new SnapshotTool(processes, paths.current, basename(version));
  throw new CharmError({
    code: 'SOURCE_UNUSABLE',
    operation: 'snapshot',
    message: 'etcd is not installed on this unit yet: wait until its status says more.',
    retryable: true,
  });
}

/**
 * The tool tells the newest record in the file. A deletion that was compacted away has none, and neither has a store where nothing was
 * written: etcd begins with 1, and goes on after what was compacted (etcd, server/storage/mvcc/kvstore.go, restore).
 */
async function servedRevision(db: string, newest: bigint): Promise<bigint> {
  const file = await open(db, 'r');
  try {
    const bolt = await readBolt(file);
    return bolt === null ? newest : await servedBy(file, bolt, newest);
  } finally {
    await file.close();
  }
}

/** What a member with this database serves, without reading more than a few of its pages; null where it is none. */
export async function revisionOf(db: string): Promise<bigint | null> {
  const file = await open(db, 'r');
  try {
    const bolt = await readBolt(file);
    if (bolt === null) return null;
    const last = await lastBoltKey(file, bolt, 'key');
    return await servedBy(file, bolt, last !== null && last.length >= 8 ? last.readBigUInt64BE(0) : 0n);
  } finally {
    await file.close();
  }
}

async function servedBy(file: FileHandle, bolt: BoltFacts, newest: bigint): Promise<bigint> {
  const revisions = [1n, newest];
  for (const key of ['scheduledCompactRev', 'finishedCompactRev']) {
    const value = await readBoltValue(file, bolt, 'meta', key);
    // Main revision, `_`, sub-revision.
    if (value !== null && value.length >= 8) revisions.push(value.readBigUInt64BE(0));
  }
  return revisions.reduce((most, one) => (one > most ? one : most));
}

/** The line that says why: a Go panic begins with it, everything else ends with it. */
export function lastWords(stderr: string, exitCode: number): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const panic = lines.find((line) => /^(panic|fatal error|unexpected fault address)\b/.test(line));
  return (panic ?? lines.at(-1) ?? `exit status ${exitCode}`).replace(/^Error: /, '').slice(0, 200);
}
