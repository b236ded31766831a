import { CharmError } from '../domain/errors';
import type { Url } from '../domain/ids';
import type { Alarm, Member, MemberStatus, TurnHolder } from '../domain/observed';
import type { EtcdProbe } from './etcd-api';
import { EtcdGateway, refusal } from './etcd-gateway';
import { readAlarms, readMembers, readStatus, readTurn, toBase64 } from './etcd-messages';
import type { PemCredentials } from './pem-credentials';

/** No member of a healthy cluster needs this long, and a hook that asks dead ones must still end soon. */
const defaultTimeoutMs = 1500;

/** Words with which etcd says that it has nobody to agree with (server/etcdserver/errors). */
const withoutQuorum = /no leader|request timed out|leader changed|too many requests|stopped/i;

/** {@link EtcdProbe} over the JSON gateway. */
export class GatewayEtcdProbe implements EtcdProbe {
  private readonly gateway: EtcdGateway;
  private readonly timeoutMs: number;

  constructor(credentials: PemCredentials, timeoutMs = defaultTimeoutMs) {
    this.gateway = new EtcdGateway(credentials);
    this.timeoutMs = timeoutMs;
  }

  async status(endpoint: Url): Promise<MemberStatus> {
    // Not `performance`, which Node loads only when it is asked for.
    const before = process.hrtime.bigint();
    const answer = await this.gateway.call(endpoint, '/v3/maintenance/status', {}, this.timeoutMs);
    return readStatus(answer, Number(process.hrtime.bigint() - before) / 1e6);
  }

  async members(endpoint: Url): Promise<readonly Member[]> {
    return readMembers(await this.gateway.call(endpoint, '/v3/cluster/member/list', {}, this.timeoutMs));
  }

  async alarms(endpoint: Url): Promise<readonly Alarm[]> {
    return readAlarms((await this.status(endpoint)).errors);
  }

  async hasQuorum(endpoint: Url): Promise<boolean> {
    try {
      // Any key will do: a linearizable read waits until a majority confirmed the leader.
      await this.gateway.call(endpoint, '/v3/kv/range', { key: toBase64('/_juju'), keys_only: true }, this.timeoutMs);
      return true;
    } catch (error) {
      const said = refusal(error);
      if (said !== null && withoutQuorum.test(said.text)) return false;
      // Without a majority etcd holds the read back for seven seconds; the member itself knows sooner that it has no leader.
      if (error instanceof CharmError && error.code === 'ETCD_TIMEOUT') {
        if ((await this.status(endpoint)).leaderId === null) return false;
      }
      throw error;
    }
  }

  async turn(endpoint: Url, key: string): Promise<TurnHolder | null> {
    return readTurn(await this.gateway.call(endpoint, '/v3/kv/range', { key: toBase64(key) }, this.timeoutMs));
  }

  close(): void {
    this.gateway.close();
  }
}
