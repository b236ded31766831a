import { chown, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifiedBackup } from '../domain/backup';
import type { DrillRecord } from '../domain/backup-state';
import { CharmError } from '../domain/errors';
import type { Url } from '../domain/ids';
import { targetProblem } from '../ports/backup-target';
import { verifyBackup } from '../ports/backup-verify';
import type { Clock } from '../ports/clock';
import { GatewayEtcdMaintenance } from '../ports/etcd-maintenance-gateway';
import { GatewayEtcdProbe } from '../ports/etcd-probe-gateway';
import { passwdOwners } from '../ports/files-node';
import type { PemCredentials } from '../ports/pem-credentials';
import { installedTool, type SnapshotTool } from '../ports/snapshot-tool';
import { clientCredentials, type BackupMachine } from './back-up';
import { countKeys } from './count-keys';
import { confined, ScratchEtcd, scratchUrls, type RunAs, type ScratchUrls } from './scratch-etcd';
import { noteBackup } from './state-file';

export interface DrillRequest {
  /** A backup, or a directory whose newest good one is taken. */
  readonly source: string;
  /** Who etcd runs as; null where everything runs as one user. */
  readonly user: RunAs;
  readonly progress?: (line: string) => void;
}

/** How long the etcd of a drill may take until it serves: it reads all keys into its index. */
const startTimeoutMs = 15 * 60_000;
const statusTimeoutMs = 5000;
const pollMs = 200;
/** Two segments of a write-ahead log and a little. */
const logBytes = 192 * 1024 * 1024;
const directoryPattern = /^drill\.(\d+)$/;

const failed = (message: string): CharmError =>
  new CharmError({ code: 'BACKUP_FAILED', operation: 'drill', message, retryable: true });

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch {
    return false;
  }
}

/** A directory for one drill; what drills that were killed left goes. One at a time: each takes as much space and memory as etcd itself. */
async function makeScratch(cache: string): Promise<string> {
  await mkdir(cache, { recursive: true, mode: 0o755 });
  for (const name of await readdir(cache)) {
    const pid = Number(directoryPattern.exec(name)?.[1] ?? 0);
    if (pid === 0) continue;
    if (alive(pid)) throw failed('Another drill is running on this unit: wait until it ends.');
    await rm(join(cache, name), { recursive: true, force: true });
  }
  const scratch = join(cache, `drill.${process.pid}`);
  await mkdir(scratch, { mode: 0o700 });
  return scratch;
}

/** Restores a backup into an etcd of its own on loopback, compares what it serves with what the backup says, and clears up. Bounded. */
export async function drill(
  machine: BackupMachine & { readonly clock: Clock },
  request: DrillRequest,
): Promise<DrillRecord> {
  const { files, paths, clock } = machine;
  const at = new Date(clock.now()).toISOString();
  const scratch = await makeScratch(paths.cache);
  let record: DrillRecord;
  try {
    record = { at, ...(await rehearse(machine, request, scratch)) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  await noteBackup(files, paths, { lastDrill: record });
  return record;
}

async function rehearse(
  machine: BackupMachine & { readonly clock: Clock },
  { source, user, progress }: DrillRequest,
  scratch: string,
): Promise<Omit<DrillRecord, 'at'>> {
  const tool = await installedTool(machine);
  const credentials = await clientCredentials(machine);
  if (user !== null) {
    const owner = await passwdOwners()(user);
    if (owner !== null) await chown(scratch, owner.uid, owner.gid);
  }
  const db = join(scratch, 'db');
  progress?.(`reading ${source}`);
  const verdict = await verifyBackup(source, { scratch: db, tool });
  if (!verdict.good) return { path: source, good: false, said: verdict.why };
  const { path, size } = verdict;
  const problem = await targetProblem(scratch, size + logBytes);
  if (problem !== null) throw failed(`${path} cannot be restored for a drill: ${machine.paths.cache} ${problem}.`);
  const urls = await scratchUrls();
  progress?.(`restoring revision ${verdict.revision} (${Math.ceil(size / 1024 / 1024)} MiB)`);
  const refused = await restore(machine, tool, verdict, scratch, urls, user);
  if (refused !== null) return { path, good: false, said: refused };
  const etcd = await ScratchEtcd.start(machine.paths, scratch, urls, user);
  try {
    progress?.('asking the etcd that serves it');
    const said = await compare(machine.clock, etcd, urls.client, credentials, verdict);
    return { path, ...said };
  } finally {
    await etcd.stop();
  }
}

/** `snapshot restore`; gives its words where it refuses. */
async function restore(
  { processes, paths, files }: BackupMachine,
  tool: SnapshotTool,
  { hasHash }: VerifiedBackup,
  scratch: string,
  { peer }: ScratchUrls,
  user: RunAs,
): Promise<string | null> {
  const db = join(scratch, 'db');
  if (user !== null) {
    const owner = await passwdOwners()(user);
    if (owner !== null) await chown(db, owner.uid, owner.gid);
  }
  const [program = '', ...prefix] = confined(user);
  const args = [
    ...['snapshot', 'restore', db, `--data-dir=${join(scratch, 'data')}`, '--name=drill'],
    ...[`--initial-cluster=drill=${peer}`, `--initial-advertise-peer-urls=${peer}`, '--initial-cluster-token=drill'],
    ...(hasHash ? [] : ['--skip-hash-check']),
  ];
  const command = await tool.command(args);
  const { exitCode, stderr } = await processes.run(program, [...prefix, ...command], {
    timeoutMs: startTimeoutMs,
    allowFailure: true,
    env: { ETCDCTL_API: '3' },
  });
  // Not needed any more: as much space again for etcd.
  await files.remove(db);
  if (exitCode === 0) return null;
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return `${paths.current}'s snapshot restore refused it: ${last.slice(0, 300)}`;
}

async function compare(
  clock: Clock,
  etcd: ScratchEtcd,
  endpoint: Url,
  credentials: PemCredentials,
  { revision, manifest }: VerifiedBackup,
): Promise<{ readonly good: boolean; readonly said: string }> {
  const probe = new GatewayEtcdProbe(credentials, statusTimeoutMs);
  const maintenance = new GatewayEtcdMaintenance(credentials);
  try {
    const deadline = clock.monotonic() + startTimeoutMs;
    let why = 'it gave no answer';
    for (;;) {
      const ended = await etcd.ended();
      if (ended !== null) return { good: false, said: `etcd does not start from it: ${ended}` };
      const status = await probe.status(endpoint).catch((error: unknown) => {
        why = error instanceof Error ? error.message : String(error);
        return null;
      });
      if (status !== null && status.leaderId !== null) {
        if (status.revision !== revision)
          return { good: false, said: `it serves revision ${status.revision}, and the backup is of ${revision}` };
        break;
      }
      if (clock.monotonic() >= deadline) return { good: false, said: `etcd does not serve it: ${why}` };
      await clock.sleep(pollMs);
    }
    const { hash, compactRevision } = await maintenance.hashKv(endpoint, revision);
    const live = manifest?.live ?? null;
    const keys = await countKeys(endpoint, credentials, revision);
    const served = [`revision ${revision}`, ...(keys === null ? [] : [`${keys} keys`]), `hashkv ${hash}`].join(', ');
    if (live === null)
      return { good: true, said: `it serves ${served}; the backup names no key count or hashkv to compare` };
    if (keys !== null && live.keys !== null && keys !== live.keys)
      return { good: false, said: `it serves ${keys} keys, and the member had ${live.keys}` };
    if (hash !== live.hashKv && compactRevision.toString() === live.compactRevision)
      return { good: false, said: `its hashkv is ${hash}, and the member's was ${live.hashKv}` };
    return { good: true, said: `it serves ${served}, as the member did` };
  } finally {
    probe.close();
    maintenance.close();
  }
}
