import type { HookTools } from '@juju/charm-helpers-ts';
import { desiredFrom } from '../domain/desired';
import { unitName, url } from '../domain/ids';
import type { Observed } from '../domain/observed';
import { noStandby, parseStandbySettings, proxyEndpoint, type StandbyFacts } from '../domain/standby';
import { askHealth } from '../ports/ask-health';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import { noCredentials, readCredentials } from '../ports/pem-credentials';

/** A proxy that has a member answers a read much sooner. */
const healthMs = 2000;

/** Standing by: what the relation `members` tells, files, and a read through the own proxy. A member pays for one file that is not there. */
export async function observeStandby(
  tools: Pick<HookTools, 'relationIds' | 'relationList' | 'relationGet'>,
  files: Files,
  paths: Paths,
  config: Observed['config'],
): Promise<StandbyFacts> {
  const role = desiredFrom(config).desired?.role;
  const [offered, settings] = await Promise.all([
    role?.kind === 'standby' && role.members === null ? offeredMembers(tools) : [],
    files.read(paths.standby.settings),
  ]);
  if (settings === null) return { ...noStandby, offered };
  const [link, proxy, through, credentials] = await Promise.all([
    files.read(paths.standby.link),
    files.read(paths.standby.proxy),
    files.read(paths.standby.through),
    readCredentials(files, paths, 'client'),
  ]);
  const running = parseStandbySettings(proxy);
  const serving =
    running !== null && (await askHealth(proxyEndpoint(running), credentials ?? noCredentials, healthMs)) === null;
  return {
    offered,
    settings,
    link: link?.trim() ?? null,
    proxy,
    through: through?.trim() ? url(through.trim()) : null,
    serving,
  };
}

async function offeredMembers(
  tools: Pick<HookTools, 'relationIds' | 'relationList' | 'relationGet'>,
): Promise<StandbyFacts['offered']> {
  const relations = await tools.relationIds('members');
  const told = await Promise.all(
    relations.map(async (relation) => {
      const units = await tools.relationList({ relation });
      return Promise.all(units.map(async (unit) => ({ unit, bag: await tools.relationGet({ relation, unit }) })));
    }),
  );
  return told
    .flat()
    .flatMap(({ unit, bag: { connection_string: connectionString } }) =>
      connectionString ? [{ unit: unitName(unit), connectionString }] : [],
    );
}
