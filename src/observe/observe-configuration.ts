import { holderOfClusterManager } from '../clearwater/cluster-manager-marker';
import { ownStores } from '../clearwater/read-store';
import { noConfiguration, type ConfigurationFacts } from '../domain/configuration';
import type { MirrorFacts } from '../domain/mirror';
import type { Observed, PeerFacts } from '../domain/observed';
import { isEnded } from '../domain/recreation';
import { sumFiles } from '../mirror/seed-keys';
import type { Files } from '../ports/files';
import { readLoadRecord } from '../ports/load-record';
import type { Paths } from '../ports/paths';

/** The configuration on this disk, looked at only in a recovery and after one: other hooks pay nothing for it. */
export async function observeConfiguration(
  files: Files,
  paths: Paths,
  config: Observed['config'],
  { wanted }: MirrorFacts,
  { application }: PeerFacts,
): Promise<ConfigurationFacts> {
  const { recreation } = application.value;
  if (recreation?.purpose !== 'recovery') return noConfiguration;
  const { root } = paths;
  const held = await holderOfClusterManager({ files, root });
  if (isEnded(recreation) && held !== 'charm') return { ...noConfiguration, held };
  const [there, sums, stores, load] = await Promise.all([
    config['clearwater'] === true ? files.list(`${root}/etc/clearwater`) : null,
    sumFiles(files, root, wanted ?? []),
    ownStores({ files, root }),
    readLoadRecord(files, paths),
  ]);
  return { clearwater: there !== null, held, files: sums, hasStore: stores.length > 0, load };
}
