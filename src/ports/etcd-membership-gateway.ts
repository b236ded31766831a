import { CharmError } from '../domain/errors';
import { memberId, type MemberId, type UnitName, type Url } from '../domain/ids';
import type { Member } from '../domain/observed';
import type { EtcdMembership } from './etcd-api';
import { EtcdGateway, refusal, type GatewayCredentials } from './etcd-gateway';
import { decimalId, readMembers, readTurn, toBase64, turnValue } from './etcd-messages';

/** Changes go through consensus and, with `member add`, through a check of every peer: longer than a probe. */
const changeTimeoutMs = 7000;

const says = (error: unknown, words: RegExp): boolean => words.test(refusal(error)?.text ?? '');

/** {@link EtcdMembership} over the JSON gateway (docs/decisions/0005). */
export class GatewayEtcdMembership implements EtcdMembership {
  private readonly gateway: EtcdGateway;

  constructor(credentials: GatewayCredentials) {
    this.gateway = new EtcdGateway(credentials);
  }

  async addLearner(
    endpoint: Url,
    peerUrl: Url,
  ): Promise<{ readonly id: MemberId; readonly members: readonly Member[] }> {
    try {
      const answer = await this.call(endpoint, '/v3/cluster/member/add', { peerURLs: [peerUrl], isLearner: true });
      const [added] = readMembers({ members: [answer['member']] });
      if (added === undefined) throw this.unexpected('member add', endpoint, 'no member in the answer');
      return { id: added.id, members: readMembers(answer) };
    } catch (error) {
      if (!says(error, /peer ?urls? (already )?exists?|member id already exist/i)) throw error;
      const members = await this.members(endpoint);
      const already = members.find((member) => member.peerUrls.includes(peerUrl));
      if (already === undefined) throw error;
      return { id: already.id, members };
    }
  }

  async promote(endpoint: Url, id: MemberId): Promise<boolean> {
    try {
      await this.call(endpoint, '/v3/cluster/member/promote', { ID: decimalId(id) });
      return true;
    } catch (error) {
      if (says(error, /can only promote a learner member which is in sync/i)) return false;
      if (says(error, /can only promote a learner member$/i)) return true;
      throw error;
    }
  }

  async remove(endpoint: Url, id: MemberId): Promise<void> {
    try {
      await this.call(endpoint, '/v3/cluster/member/remove', { ID: decimalId(id) });
    } catch (error) {
      if (!says(error, /member not found|has been removed/i)) throw error;
    }
  }

  async updatePeerUrl(endpoint: Url, id: MemberId, peerUrl: Url): Promise<void> {
    const member = (await this.members(endpoint)).find((one) => one.id === id);
    // Writing the same URL again would be a raft entry, and etcd answers it with "Peer URLs already exists".
    if (member?.peerUrls.length === 1 && member.peerUrls[0] === peerUrl) return;
    await this.call(endpoint, '/v3/cluster/member/update', { ID: decimalId(id), peerURLs: [peerUrl] });
  }

  async moveLeader(leaderEndpoint: Url, to: MemberId): Promise<void> {
    const status = await this.call(leaderEndpoint, '/v3/maintenance/status', {});
    if (typeof status['leader'] === 'string' && memberId(status['leader']) === to) return;
    await this.call(leaderEndpoint, '/v3/maintenance/transfer-leadership', { targetID: decimalId(to) });
  }

  async takeTurn(
    endpoint: Url,
    key: string,
    unit: UnitName,
    purpose: string,
    ttlSeconds: number,
  ): Promise<string | null> {
    const lease = (await this.call(endpoint, '/v3/lease/grant', { TTL: String(ttlSeconds) }))['ID'];
    if (typeof lease !== 'string') throw this.unexpected('lease grant', endpoint, 'no lease in the answer');
    const answer = await this.call(endpoint, '/v3/kv/txn', {
      compare: [{ target: 'CREATE', result: 'EQUAL', key: toBase64(key), create_revision: '0' }],
      success: [{ request_put: { key: toBase64(key), value: toBase64(turnValue(unit, purpose)), lease } }],
      failure: [{ request_range: { key: toBase64(key) } }],
    });
    if (answer['succeeded'] === true) return BigInt(lease).toString(16);
    await this.revoke(endpoint, lease);
    const [response] = answer['responses'] as readonly { readonly response_range?: Record<string, unknown> }[];
    const holder = readTurn(response?.response_range ?? {});
    // A turn that this unit took before a crash is still its own.
    return holder?.unit === unit && holder.purpose === purpose ? holder.lease : null;
  }

  async releaseTurn(endpoint: Url, key: string, unit: UnitName): Promise<void> {
    const holder = readTurn(await this.call(endpoint, '/v3/kv/range', { key: toBase64(key) }));
    if (holder?.unit !== unit) return;
    // Revoking its lease deletes the key only if the key is still bound to it.
    await this.revoke(endpoint, BigInt(`0x${holder.lease}`).toString());
  }

  close(): void {
    this.gateway.close();
  }

  private members(endpoint: Url): Promise<readonly Member[]> {
    return this.call(endpoint, '/v3/cluster/member/list', {}).then(readMembers);
  }

  private async revoke(endpoint: Url, lease: string): Promise<void> {
    try {
      await this.call(endpoint, '/v3/lease/revoke', { ID: lease });
    } catch (error) {
      if (!says(error, /lease not found/i)) throw error;
    }
  }

  private call(endpoint: Url, path: string, message: object): Promise<Record<string, unknown>> {
    return this.gateway.call(endpoint, path, message, changeTimeoutMs);
  }

  private unexpected(operation: string, endpoint: Url, what: string): CharmError {
    const message = `etcd at ${endpoint} answered ${operation} with ${what}`;
    return new CharmError({ code: 'ETCD_REFUSED', operation, message, retryable: true });
  }
}
