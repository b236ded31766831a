import { join } from 'node:path';
import { CharmError } from '../domain/errors';
import type { StepOf } from '../domain/step';
import { serviceName } from '../ports/service-unit';
import { ensureUser } from './ensure-user';
import type { Execution } from './execution';

/** Complete or not there at all: unpacked beside, tried out, then renamed. */
export async function installBinaries(step: StepOf<'install-binaries'>, execution: Execution): Promise<void> {
  const { files, paths, sources, processes } = execution;
  const directory = join(paths.versions, step.version);
  if ((await files.list(directory)) !== null) return;
  const part = join(paths.versions, `.${step.version}.part`);
  await files.remove(part);
  await files.makeDirectory(paths.versions, { mode: 0o755 });
  await files.makeDirectory(part, { mode: 0o755 });
  await sources[step.source].unpack(step.version, part);
  const { stdout } = await processes.run(join(part, 'etcd'), ['--version'], { timeoutMs: 30_000 });
  const says = /etcd Version: (\S+)/.exec(stdout)?.[1];
  if (says !== step.version) {
    throw new CharmError({
      code: 'SOURCE_UNUSABLE',
      operation: 'install binaries',
      message: `The program etcd from ${step.source} says it is ${says ?? 'of no version'}, not ${step.version}: attach an unchanged release archive.`,
      retryable: false,
    });
  }
  await files.move(part, directory);
}

export async function switchBinaries(step: StepOf<'switch-binaries'>, execution: Execution): Promise<void> {
  // Relative, so that the directory tree can be moved or looked at from outside.
  await execution.files.link(step.version, execution.paths.current);
}

export async function writeServiceUnit(execution: Execution): Promise<void> {
  const { files, paths, services, owner } = execution;
  await ensureUser(execution);
  const mine = owner === null ? {} : { owner };
  await files.makeDirectory(paths.volume, { mode: 0o700, ...mine });
  await files.makeDirectory(paths.aside, { mode: 0o700, ...mine });
  await files.makeDirectory(paths.configDirectory, { mode: 0o755 });
  await services.install(serviceName, execution.unitFile);
}
