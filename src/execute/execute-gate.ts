import { dirname } from 'node:path';
import { renderGateSettings } from '../domain/start-gate';
import type { StepOf } from '../domain/step';
import { gateServiceName, renderGateUnit } from '../ports/gate-unit';
import { ensureUser } from './ensure-user';
import { done, type Execution, type StepOutcome } from './execution';

/** How soon a responder that did not listen in time is looked at again, seconds. */
export const retrySeconds = 60;
const pollMs = 25;
/** How long a hook waits for the responder, milliseconds. */
const patience = 3000;

/** Node is large and rarely changes: it is copied only when it did. The release is written last, so that a torn copy is made again. */
export async function installGate({ release }: StepOf<'install-gate'>, execution: Execution): Promise<void> {
  const { files, paths, services, program } = execution;
  const { gate } = paths;
  await ensureUser(execution);
  const before = (await files.read(gate.release))?.trim() ?? '';
  await files.makeDirectory(gate.directory, { mode: 0o755 });
  if (nodeOf(before) !== nodeOf(release)) await files.copy(program.node, gate.node, { mode: 0o755 });
  await files.copy(program.bundle, gate.program, { mode: 0o644 });
  await services.install(gateServiceName, renderGateUnit(paths));
  await files.writeAtomic(gate.release, `${release}\n`, { mode: 0o644 });
}

/** A release begins with the version of Node. */
const nodeOf = (release: string): string | undefined => release.split(' ')[0];

export async function writeGateSettings(
  step: StepOf<'write-gate-settings'>,
  { files, paths, owner }: Execution,
): Promise<void> {
  await files.makeDirectory(dirname(paths.gate.settings), { mode: 0o755 });
  await files.writeAtomic(paths.gate.settings, renderGateSettings(step.settings), {
    mode: 0o644,
    ...(owner === null ? {} : { owner }),
  });
}

/** One that runs is run anew. Not listening in time fails nothing: systemd goes on trying, and the status says so. */
export async function startGate(step: StepOf<'start-gate'>, execution: Execution): Promise<StepOutcome> {
  const { files, paths, services, clock } = execution;
  const listening = async (): Promise<string | null> => (await files.read(paths.gate.listening))?.trim() ?? null;
  if ((await listening()) === null) await services.start(gateServiceName);
  else await services.restart(gateServiceName);
  const deadline = clock.monotonic() + patience;
  while ((await listening()) !== step.listening) {
    if (clock.monotonic() >= deadline)
      return {
        outcome: 'waiting',
        reason: `for the responder of the start gate to listen (journalctl -u ${gateServiceName} says why it does not)`,
        wokenBy: 'a timer',
      };
    await clock.sleep(pollMs);
  }
  return done;
}

export async function removeGate({ files, paths, services }: Execution): Promise<void> {
  await services.uninstall(gateServiceName);
  await files.remove(paths.gate.settings);
  await files.remove(paths.gate.heldBack);
  await files.remove(paths.gate.directory);
}
