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
  answers: Promise<boolean>,
): Promise<ServiceFacts> {
  const [state, unitFile, config, runningConfig, runningVersion] = await Promise.all([
    // A member that answers runs: no process is started to ask for what is known.
    answers.then((answered) => (answered ? 'running' : services.state(serviceName).then(({ state: word }) => word))),
    files.read(join(paths.serviceUnits, `${serviceName}.service`)),
    files.read(paths.configFile),
    files.read(paths.runningConfig),
    files.read(paths.runningVersion),
  ]);
  const running = state === 'running';
  return {
    state,
    unitFileHash: hashOf(unitFile),
    wantedUnitFileHash,
    configText: config,
    configHash: hashOf(config),
    runningConfigHash: running ? hashOf(runningConfig) : null,
    runningVersion: running && runningVersion !== null ? etcdVersion(runningVersion.trim()) : null,
  };
}
