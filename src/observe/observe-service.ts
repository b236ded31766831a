import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { etcdVersion } from '../domain/ids';
import type { ServiceFacts } from '../domain/observed';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import type { ServiceManager } from '../ports/service-manager';
import { serviceName } from '../ports/service-unit';

const hashOf = (text: string | null): string | null =>
  text === null ? null : createHash('sha256').update(text).digest('hex');

/** etcd.service: its state, its files, and what its process was started with. */
export async function observeService(
  services: ServiceManager,
  files: Files,
  paths: Paths,
  wantedUnitFileHash: string,
): Promise<ServiceFacts> {
  const [state, unitFile, config, runningConfig, runningVersion] = await Promise.all([
    services.state(serviceName),
    files.read(join(paths.serviceUnits, `${serviceName}.service`)),
    files.read(paths.configFile),
    files.read(paths.runningConfigHash),
    files.read(paths.runningVersion),
  ]);
  const running = state.state === 'running';
  return {
    state: state.state,
    unitFileHash: hashOf(unitFile),
    wantedUnitFileHash,
    configText: config,
    configHash: hashOf(config),
    runningConfigHash: running ? (runningConfig?.trim() ?? null) : null,
    runningVersion: running && runningVersion !== null ? etcdVersion(runningVersion.trim()) : null,
  };
}
