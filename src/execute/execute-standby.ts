import { dirname } from 'node:path';
import { parseStandbySettings, proxyEndpoint, renderStandbySettings } from '../domain/standby';
import type { StepOf } from '../domain/step';
import { askHealth } from '../ports/ask-health';
import { noCredentials, readCredentials } from '../ports/pem-credentials';
import { linkServiceName, proxyServiceName, renderLinkUnit, renderProxyUnit } from '../ports/standby-units';
import { done, type Execution, type StepOutcome } from './execution';

const pollMs = 100;
/** How long a hook waits for a read through the proxy to be answered, milliseconds. */
const patience = 15_000;
const healthMs = 2000;

/**
 * Writes the settings, which a running link takes up by itself, and runs anew only what does not run by them: clients keep their
 * connections to the proxy when nothing but the members changes.
 */
export async function startStandby(
  step: StepOf<'start-standby' | 'restart-proxy'>,
  execution: Execution,
): Promise<StepOutcome> {
  const { files, paths, services, clock, architecture } = execution;
  const { settings } = step;
  const read = async (path: string): Promise<string | null> => (await files.read(path))?.trim() ?? null;
  await files.makeDirectory(dirname(paths.standby.settings), { mode: 0o755 });
  await files.writeAtomic(paths.standby.settings, renderStandbySettings(settings), { mode: 0o644 });
  const link = await read(paths.standby.link);
  await services.install(linkServiceName, renderLinkUnit(paths));
  await services.start(linkServiceName);
  if (link !== null && link !== settings.release) await services.restart(linkServiceName);
  const running = parseStandbySettings(await files.read(paths.standby.proxy));
  const changed = running !== null && JSON.stringify(running.proxy) !== JSON.stringify(settings.proxy);
  await services.install(proxyServiceName, renderProxyUnit(paths, architecture, settings));
  await services.start(proxyServiceName);
  if (changed || step.kind === 'restart-proxy') await services.restart(proxyServiceName);
  const credentials = (await readCredentials(files, paths, 'client')) ?? noCredentials;
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const fault = await askHealth(proxyEndpoint(settings), credentials, healthMs);
    if (fault === null) return done;
    if (clock.monotonic() >= deadline)
      return {
        outcome: 'waiting',
        reason: `for a read through this standby to be answered (${fault}; journalctl -u ${linkServiceName} -u ${proxyServiceName})`,
        wokenBy: 'a timer',
      };
    await clock.sleep(pollMs);
  }
}

/** The settings go last: while they are there, something of it may be. */
export async function removeStandby({ files, paths, services }: Execution): Promise<void> {
  await services.uninstall(proxyServiceName);
  await services.uninstall(linkServiceName);
  await files.remove(paths.standby.settings);
}
