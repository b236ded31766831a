import type { BackupSettings } from '../domain/backup-schedule';
import { defaultTarget } from '../domain/backup-wish';
import { CharmError } from '../domain/errors';
import { unitName } from '../domain/ids';
import type { MemberStatus } from '../domain/observed';
import { targetProblem } from '../ports/backup-target';
import { backupFiles } from '../ports/backup-verify';
import type { Clock } from '../ports/clock';
import { GatewayEtcdMaintenance } from '../ports/etcd-maintenance-gateway';
import { GatewayEtcdProbe } from '../ports/etcd-probe-gateway';
import { endpointOnDisk } from '../ports/local-endpoint';
import type { Paths } from '../ports/paths';
import { serviceUser } from '../ports/service-unit';
import { installedTool } from '../ports/snapshot-tool';
import { backUp, clientCredentials, homeOwner, type BackupMachine } from './back-up';
import { drill } from './drill';
import { planPruning } from './plan-pruning';
import { noteBackup } from './state-file';

/** A run of the schedule: on which machine, by what, and where its lines go. */
export interface ScheduledRun {
  readonly machine: BackupMachine;
  readonly settings: BackupSettings;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}

/** A busy member answers late. */
const statusTimeoutMs = 10_000;

const unfit = (message: string): CharmError =>
  new CharmError({ code: 'BACKUP_FAILED', operation: 'backup', message, retryable: true });

/** Where the schedule's backups go on this machine: the default is below its root. */
export const scheduledTarget = ({ target }: BackupSettings, paths: Paths): string =>
  target === defaultTarget ? paths.snapshots : target;

/** Why the member of this unit is not backed up now; null where it may be. */
export function unfitMember({
  learner,
  leaderId,
  errors,
}: Pick<MemberStatus, 'learner' | 'leaderId' | 'errors'>): string | null {
  if (learner) return 'The member of this unit is a learner and still copies data: its backups begin when it votes.';
  if (leaderId === null) return 'The member of this unit knows no leader: what it has may be old.';
  if (errors.some((line) => /CORRUPT/.test(line)))
    return 'A member has the alarm CORRUPT: run check-consistency before any backup is trusted.';
  return null;
}

/** Where the own member is, how large its database is, and the revision that a majority agrees on through it. */
async function askMember(machine: BackupMachine) {
  const endpoint = await endpointOnDisk(machine.files, machine.paths);
  if (endpoint === null) throw unfit('etcd has no configuration on this unit yet.');
  const credentials = await clientCredentials(machine);
  const probe = new GatewayEtcdProbe(credentials, statusTimeoutMs);
  const maintenance = new GatewayEtcdMaintenance(credentials);
  try {
    const status = await probe.status(endpoint);
    const fault = unfitMember(status);
    if (fault !== null) throw unfit(fault);
    return { endpoint, dbSize: status.dbSize, leastRevision: await maintenance.revision(endpoint) };
  } finally {
    probe.close();
    maintenance.close();
  }
}

/**
 * One backup of this unit's member, if that is healthy and up to date; then what the ladder does not keep of this unit's backups is
 * removed. Whatever goes wrong is noted for `health` and the status, and thrown. Nobody else may be at it meanwhile.
 */
export async function runBackup(run: ScheduledRun): Promise<void> {
  const { machine, settings, clock, say } = run;
  const target = scheduledTarget(settings, machine.paths);
  const began = clock.now();
  try {
    const { endpoint, dbSize, leastRevision } = await askMember(machine);
    // The database for etcd's own tool, and at most as much again for the archive.
    const problem = await targetProblem(target, 2 * dbSize);
    if (problem !== null) throw unfit(`${target} ${problem}.`);
    const owner = machine.paths.root === '/' ? await homeOwner() : null;
    const unit = unitName(settings.unit);
    const { path, manifest } = await backUp(machine, { unit, endpoint, target, now: began, leastRevision, owner });
    say(`saved revision ${manifest.revision} with ${manifest.totalKeys} keys in ${path}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await noteBackup(machine.files, machine.paths, { lastFailure: { at: new Date(began).toISOString(), why } });
    throw error;
  } finally {
    await prune(run, target);
  }
}

/** Also after a failure: a target that is full may have room by it. */
async function prune({ machine, settings, clock, say }: ScheduledRun, directory: string): Promise<void> {
  const { target, retention: ladder, unit } = settings;
  const tool = await installedTool(machine);
  const plan = await planPruning(machine, { directory, tool, now: clock.now(), ladder, unit });
  if (plan === null) return;
  for (const { path } of plan.gone) await machine.files.remove(path);
  if (plan.gone.length > 0) say(`removed by the ladder: ${plan.gone.map(({ name }) => name).join(', ')}`);
  const bytes = (await backupFiles(directory)).reduce((sum, { size }) => sum + size, 0);
  await noteBackup(machine.files, machine.paths, { stored: { target, bytes } });
}

/** A drill with the newest good backup in the schedule's directory. One that could not be made is no good one, and is noted, too. */
export async function runDrill({ machine, settings, clock, say }: ScheduledRun): Promise<void> {
  const source = scheduledTarget(settings, machine.paths);
  const user = machine.paths.root === '/' ? serviceUser : null;
  const at = new Date(clock.now()).toISOString();
  let record;
  try {
    record = await drill({ ...machine, clock }, { source, user });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    await noteBackup(machine.files, machine.paths, { lastDrill: { at, path: source, good: false, said } });
    throw error;
  }
  const { path, good, said } = record;
  if (!good) throw unfit(said.startsWith(path) ? said : `${path} is no good backup: ${said}.`);
  say(`${path} is good: ${said}`);
}
