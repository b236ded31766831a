import type { ICallable, IHashKVResponse } from 'etcd3';
import { memberId, type Url } from '../domain/ids';
import type { Alarm } from '../domain/observed';
import type { EtcdMaintenance, KvHash } from './etcd-api';
import { Etcd3Clients } from './etcd3-clients';
import { EtcdGateway } from './etcd-gateway';
import { decimalId, readLeaseTtl, readRevision, toBase64 } from './etcd-messages';
import type { PemCredentials } from './pem-credentials';

/** Goes through consensus; etcd itself gives up after 5 s and two election timeouts. */
const changeTimeoutMs = 8000;
/** A scan of all keys, or their removal: minutes on a slow disk. */
const scanTimeoutMs = 300_000;

/** {@link EtcdMaintenance} over the JSON gateway, but for HashKV, which the gateway of 3.4 lacks. */
export class GatewayEtcdMaintenance implements EtcdMaintenance {
  private readonly gateway: EtcdGateway;
  private readonly clients: Etcd3Clients;

  constructor(credentials: PemCredentials) {
    this.gateway = new EtcdGateway(credentials);
    this.clients = new Etcd3Clients(credentials);
  }

  async revision(endpoint: Url): Promise<bigint> {
    const question = { key: toBase64('/_juju'), keys_only: true };
    return readRevision(await this.gateway.call(endpoint, '/v3/kv/range', question, changeTimeoutMs));
  }

  async compact(endpoint: Url, revision: bigint, physical: boolean): Promise<void> {
    const message = { revision: revision.toString(), physical };
    await this.gateway.call(endpoint, '/v3/kv/compaction', message, physical ? scanTimeoutMs : changeTimeoutMs);
  }

  async defragment(endpoint: Url, timeoutMs: number): Promise<void> {
    await this.gateway.call(endpoint, '/v3/maintenance/defragment', {}, timeoutMs);
  }

  async disarm(endpoint: Url, { memberId: id, alarm }: Alarm): Promise<void> {
    const message = { action: 'DEACTIVATE', memberID: decimalId(id), alarm };
    await this.gateway.call(endpoint, '/v3/maintenance/alarm', message, changeTimeoutMs);
  }

  hashKv(endpoint: Url, revision: bigint): Promise<KvHash> {
    return this.clients.ask(endpoint, 'hashkv', async ({ maintenance }) => {
      const deadline = Date.now() + scanTimeoutMs;
      // Its own hashKV() asks gRPC for a method by a name that is not made: https://github.com/microsoft/etcd3, rpc.ts of 1.1.2.
      const question = { revision: revision.toString() };
      const rpc = maintenance['client'] as ICallable<unknown>;
      const answer = await rpc.exec<IHashKVResponse>('Maintenance', 'HashKV', question, { deadline });
      return {
        hash: Number(answer.hash),
        revision: BigInt(answer.header.revision),
        compactRevision: BigInt(answer.compact_revision),
      };
    });
  }

  async keepTurn(endpoint: Url, lease: string): Promise<boolean> {
    // A lease's id is a member's: 16 hex digits, decimal on the wire.
    const message = { ID: decimalId(memberId(`0x${lease}`)) };
    return readLeaseTtl(await this.gateway.call(endpoint, '/v3/lease/keepalive', message, changeTimeoutMs)) > 0;
  }

  close(): void {
    this.gateway.close();
    this.clients.close();
  }
}
