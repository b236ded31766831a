import { dirname } from 'node:path';
import { renderMirrorSettings } from '../domain/mirror';
import type { StepOf } from '../domain/step';
import { mirrorServiceName, renderMirrorUnit } from '../ports/mirror-unit';
import { done, type Execution, type StepOutcome } from './execution';

const pollMs = 50;
/** How long a hook waits for the service to say by what it works, milliseconds. */
const patience = 5000;

/** One that runs is run anew. Not running in time fails nothing: systemd goes on trying, and the next hook looks again. */
export async function startMirror(step: StepOf<'start-mirror'>, execution: Execution): Promise<StepOutcome> {
  const { files, paths, services, clock } = execution;
  const running = async (): Promise<string | null> => (await files.read(paths.mirror.running))?.trim() ?? null;
  await files.makeDirectory(dirname(paths.mirror.settings), { mode: 0o755 });
  await files.writeAtomic(paths.mirror.settings, renderMirrorSettings(step.settings), { mode: 0o644 });
  await services.install(mirrorServiceName, renderMirrorUnit(paths));
  await services.start(mirrorServiceName);
  if ((await running()) !== null) await services.restart(mirrorServiceName);
  const deadline = clock.monotonic() + patience;
  while ((await running()) !== step.running) {
    if (clock.monotonic() >= deadline)
      return {
        outcome: 'waiting',
        reason: `for the configuration mirror to run (journalctl -u ${mirrorServiceName} says why it does not)`,
        wokenBy: 'a timer',
      };
    await clock.sleep(pollMs);
  }
  return done;
}

/** It stays stopped until it is started again: a recovery wants no key made before its time. */
export async function stopMirror({ files, paths, services }: Execution): Promise<void> {
  if ((await files.read(paths.mirror.settings)) === null) return;
  await services.disable(mirrorServiceName);
  await services.stop(mirrorServiceName);
}

/** The settings go last: while they are there, something of it may be. Files and keys stay, and what was kept beside. */
export async function removeMirror({ files, paths, services }: Execution): Promise<void> {
  await services.uninstall(mirrorServiceName);
  await files.remove(paths.mirror.state);
  await files.remove(paths.mirror.settings);
}
