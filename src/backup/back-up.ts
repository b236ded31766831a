import type { BackupRecord, LiveFacts } from '../domain/backup';
import { CharmError } from '../domain/errors';
import { memberName, type UnitName, type Url } from '../domain/ids';
import { GatewayEtcdProbe } from '../ports/etcd-probe-gateway';
import { GatewayEtcdMaintenance } from '../ports/etcd-maintenance-gateway';
import type { Files } from '../ports/files';
import { passwdOwners } from '../ports/files-node';
import { homeUser, type Paths } from '../ports/paths';
import { readCredentials, type PemCredentials } from '../ports/pem-credentials';
import type { Processes } from '../ports/processes';
import { installedTool } from '../ports/snapshot-tool';
import { countKeys } from './count-keys';
import { noteBackup } from './state-file';
import { takeBackup, type BackupRequest } from './take-backup';

/** What a backup needs of this machine, in a hook or without one. */
export interface BackupMachine {
  readonly files: Files;
  readonly paths: Paths;
  readonly processes: Processes;
}

/** Asking etcd how it is: a busy member answers late. */
const statusTimeoutMs = 10_000;

/** The user that `juju scp` comes as, where it is on this machine. */
export const homeOwner = (): Promise<BackupRequest['owner']> => passwdOwners()(homeUser).catch(() => null);

/** PEM texts with which this unit asks its etcd. */
export async function clientCredentials({ files, paths }: BackupMachine): Promise<PemCredentials> {
  const credentials = await readCredentials(files, paths, 'client');
  if (credentials !== null) return credentials;
  throw new CharmError({
    code: 'CERTIFICATE_INVALID',
    operation: 'snapshot',
    message: 'This unit has no certificates to ask its etcd with: wait until its status says more.',
    retryable: true,
  });
}

async function liveFacts(endpoint: Url, credentials: PemCredentials, revision: bigint): Promise<LiveFacts | null> {
  const maintenance = new GatewayEtcdMaintenance(credentials);
  try {
    const { hash, compactRevision } = await maintenance.hashKv(endpoint, revision);
    const keys = await countKeys(endpoint, credentials, revision);
    return { keys, hashKv: hash, compactRevision: compactRevision.toString() };
  } catch {
    // Compacted meanwhile: a drill has one thing less to compare.
    return null;
  } finally {
    maintenance.close();
  }
}

/** Takes a backup of this unit's member, and notes how that went for `health`, the status and whoever asks. */
export async function backUp(
  machine: BackupMachine,
  request: Pick<BackupRequest, 'endpoint' | 'target' | 'now' | 'leastRevision' | 'owner' | 'progress'> & {
    readonly unit: UnitName;
    readonly endpoint: Url;
  },
): Promise<BackupRecord> {
  const { files, paths } = machine;
  const { unit, endpoint, now } = request;
  try {
    const credentials = await clientCredentials(machine);
    const tool = await installedTool(machine);
    const probe = new GatewayEtcdProbe(credentials, statusTimeoutMs);
    const status = await probe.status(endpoint).finally(() => probe.close());
    const { memberId, clusterId, version } = status;
    const source = { unit, member: memberName(unit), memberId, clusterId, etcdVersion: version };
    const live = (revision: bigint): Promise<LiveFacts | null> => liveFacts(endpoint, credentials, revision);
    const record = await takeBackup({ ...request, credentials, tool, source, live });
    await noteBackup(files, paths, { lastGood: record, lastFailure: null });
    return record;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await noteBackup(files, paths, { lastFailure: { at: new Date(now).toISOString(), why } });
    throw error;
  }
}
