import type { Url } from '../domain/ids';
import { EtcdGateway } from '../ports/etcd-gateway';
import type { PemCredentials } from '../ports/pem-credentials';

/** Counting walks the index in memory: seconds for millions of keys. */
const timeoutMs = 60_000;
/** A key of one zero byte; as a range's both ends it means all keys (etcd API reference, range_end). */
const everything = Buffer.from([0]).toString('base64');

/** Keys that a member has at a revision; null where it does not tell (authorization is on, or it was compacted meanwhile). */
export async function countKeys(endpoint: Url, credentials: PemCredentials, revision: bigint): Promise<number | null> {
  const gateway = new EtcdGateway(credentials);
  try {
    const question = {
      ...{ key: everything, range_end: everything, count_only: true, serializable: true },
      revision: revision.toString(),
    };
    const { count } = await gateway.call(endpoint, '/v3/kv/range', question, timeoutMs);
    return Number(count ?? 0);
  } catch {
    return null;
  } finally {
    gateway.close();
  }
}
