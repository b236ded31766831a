import type { FormerMember } from '../domain/former-clusters';
import type { Memory, ObservedEvent } from '../domain/observed';
import type { EtcdProbe } from '../ports/etcd-api';
import { probing } from './probing';

/**
 * Members of former clusters that answer as such, all asked at once; null where they were not asked. Only update-status asks: most of
 * them are gone for good, and a machine that is gone costs the whole time that an answer may take.
 */
export async function observeFormer(
  probe: EtcdProbe | null,
  { kind }: ObservedEvent,
  { former }: Memory,
): Promise<readonly FormerMember[] | null> {
  if (kind !== 'update-status' || probe === null || former.length === 0) return null;
  const asked = former.flatMap(({ cluster, endpoints }) =>
    endpoints.map(async (endpoint): Promise<readonly FormerMember[]> => {
      const status = await probing(() => probe.status(endpoint));
      // Another cluster of the same certificate authority may have the address by now.
      if (!status.known || status.value.clusterId !== cluster) return [];
      return [{ endpoint, serves: status.value.leaderId !== null }];
    }),
  );
  return (await Promise.all(asked)).flat();
}
