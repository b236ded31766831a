import { clusterId, type Url } from '../domain/ids';
import { Etcd3Clients } from './etcd3-clients';
import type { EtcdKeys, KeyAnswer, KeyValue, PutOutcome } from './etcd-keys';
import type { PemCredentials } from './pem-credentials';

const first = (pairs: readonly { readonly value: Buffer; readonly mod_revision: string }[]): KeyValue | null => {
  const [pair] = pairs;
  return pair === undefined ? null : { value: pair.value, modRevision: BigInt(pair.mod_revision) };
};

/** {@link EtcdKeys} over gRPC with etcd3. */
export class Etcd3Keys implements EtcdKeys {
  private readonly clients: Etcd3Clients;

  constructor(credentials: PemCredentials) {
    this.clients = new Etcd3Clients(credentials);
  }

  async read(endpoint: Url, key: string): Promise<KeyValue | null> {
    return (await this.readOf(endpoint, key)).present;
  }

  async readOf(endpoint: Url, key: string): Promise<KeyAnswer> {
    const { header, kvs } = await this.clients.ask(endpoint, 'get', (client) => client.get(key).exec());
    return { cluster: clusterId(header.cluster_id), present: first(kvs) };
  }

  async names(endpoint: Url, prefix: string): Promise<readonly string[]> {
    return this.clients.ask(endpoint, 'get', (client) => client.getAll().prefix(prefix).keys());
  }

  async put(endpoint: Url, key: string, value: string | Buffer, expected: bigint | null): Promise<PutOutcome> {
    const answer = await this.clients.ask(endpoint, 'put', (client) => {
      const unchanged =
        expected === null ? client.if(key, 'Create', '==', 0) : client.if(key, 'Mod', '==', expected.toString());
      return unchanged.then(client.put(key).value(value)).else(client.get(key)).commit();
    });
    if (answer.succeeded) return { written: true };
    return { written: false, present: first(answer.responses[0]?.response_range?.kvs ?? []) };
  }

  close(): void {
    this.clients.close();
  }
}
