import { memberId, type MemberId, type UnitName, type Url } from '../domain/ids';
import type { Member } from '../domain/observed';
import type { EtcdMembership } from './etcd-api';
import { Etcd3Clients, says } from './etcd3-clients';
import { decimalId, readMembers, readTurnValue, turnValue } from './etcd-messages';
import type { PemCredentials } from './pem-credentials';

/** {@link EtcdMembership} over gRPC with etcd3. */
export class Etcd3Membership implements EtcdMembership {
  private readonly clients: Etcd3Clients;

  constructor(credentials: PemCredentials) {
    this.clients = new Etcd3Clients(credentials);
  }

  async addLearner(
    endpoint: Url,
    peerUrl: Url,
  ): Promise<{ readonly id: MemberId; readonly members: readonly Member[] }> {
    try {
      const answer = await this.clients.ask(endpoint, 'member add', (client) =>
        client.cluster.memberAdd({ peerURLs: [peerUrl], isLearner: true }),
      );
      return { id: memberId(answer.member.ID), members: readMembers({ members: answer.members }) };
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
      await this.clients.ask(endpoint, 'member promote', (client) =>
        client.cluster.memberPromote({ ID: decimalId(id) }),
      );
      return true;
    } catch (error) {
      if (says(error, /can only promote a learner member which is in sync/i)) return false;
      if (says(error, /can only promote a learner member$/i)) return true;
      throw error;
    }
  }

  async remove(endpoint: Url, id: MemberId): Promise<void> {
    try {
      await this.clients.ask(endpoint, 'member remove', (client) => client.cluster.memberRemove({ ID: decimalId(id) }));
    } catch (error) {
      if (!says(error, /member not found|has been removed/i)) throw error;
    }
  }

  async updatePeerUrl(endpoint: Url, id: MemberId, peerUrl: Url): Promise<void> {
    const member = (await this.members(endpoint)).find((one) => one.id === id);
    // Writing the same URL again would be a raft entry, and etcd answers it with "Peer URLs already exists".
    if (member?.peerUrls.length === 1 && member.peerUrls[0] === peerUrl) return;
    await this.clients.ask(endpoint, 'member update', (client) =>
      client.cluster.memberUpdate({ ID: decimalId(id), peerURLs: [peerUrl] }),
    );
  }

  async moveLeader(leaderEndpoint: Url, to: MemberId): Promise<void> {
    const { leader } = await this.clients.ask(leaderEndpoint, 'status', (client) => client.maintenance.status());
    if (memberId(leader) === to) return;
    await this.clients.ask(leaderEndpoint, 'move leader', (client) =>
      client.maintenance.moveLeader({ targetID: decimalId(to) }),
    );
  }

  async members(endpoint: Url): Promise<readonly Member[]> {
    return readMembers({
      ...(await this.clients.ask(endpoint, 'member list', (client) => client.cluster.memberList({}))),
    });
  }

  async takeTurn(
    endpoint: Url,
    key: string,
    unit: UnitName,
    purpose: string,
    ttlSeconds: number,
  ): Promise<string | null> {
    const { ID: lease } = await this.clients.ask(endpoint, 'lease grant', (client) =>
      // The id is etcd's to choose; the lease is not kept alive beyond this hook.
      client.leaseClient.leaseGrant({ TTL: ttlSeconds, ID: 0 }),
    );
    const answer = await this.clients.ask(endpoint, 'take turn', (client) =>
      client
        .if(key, 'Create', '==', 0)
        .then(client.put(key).value(turnValue(unit, purpose)).lease(lease))
        .else(client.get(key))
        .commit(),
    );
    if (answer.succeeded) return BigInt(lease).toString(16);
    await this.revoke(endpoint, lease);
    const [pair] = answer.responses[0]?.response_range?.kvs ?? [];
    const holder = pair === undefined ? null : readTurnValue(pair.value.toString('utf8'), pair.lease);
    // A turn that this unit took before a crash is still its own.
    return holder?.unit === unit && holder.purpose === purpose ? holder.lease : null;
  }

  async releaseTurn(endpoint: Url, key: string, unit: UnitName): Promise<void> {
    const { kvs } = await this.clients.ask(endpoint, 'read turn', (client) => client.get(key).exec());
    const [pair] = kvs;
    if (pair === undefined || readTurnValue(pair.value.toString('utf8'), pair.lease).unit !== unit) return;
    // Revoking its lease deletes the key only if the key is still bound to it.
    await this.revoke(endpoint, pair.lease);
  }

  close(): void {
    this.clients.close();
  }

  private async revoke(endpoint: Url, lease: string): Promise<void> {
    try {
      await this.clients.ask(endpoint, 'lease revoke', (client) => client.leaseClient.leaseRevoke({ ID: lease }));
    } catch (error) {
      if (!says(error, /lease not found/i)) throw error;
    }
  }
}
