import type { Etcd3 } from 'etcd3';
import { CharmError } from '../domain/errors';
import { memberId, type MemberId, type UnitName, type Url } from '../domain/ids';
import type { Member } from '../domain/observed';
import type { EtcdMembership } from './etcd-api';
import type { GatewayCredentials } from './etcd-gateway';
import { decimalId, readMembers, readTurnValue, turnValue } from './etcd-messages';

/** Changes go through consensus; etcd itself gives up after 5 s and two election timeouts. */
const changeTimeoutMs = 8000;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** etcd's own words begin with `etcdserver:`; anything else is about the way to it. */
function castError(operation: string, endpoint: Url, error: unknown): CharmError {
  const text = textOf(error);
  const refused = /etcdserver: (.*)/.exec(text)?.[1];
  const late = /deadline exceeded|timed out/i.test(text);
  return new CharmError({
    code: late ? 'ETCD_TIMEOUT' : refused === undefined ? 'ETCD_UNAVAILABLE' : 'ETCD_REFUSED',
    operation,
    message: `etcd at ${endpoint} did not take "${operation}": ${refused ?? text}`,
    cause: error,
    retryable: true,
  });
}

const says = (error: unknown, words: RegExp): boolean => error instanceof CharmError && words.test(textOf(error.cause));

/** {@link EtcdMembership} over gRPC with etcd3; the library is loaded at the first call. One client per endpoint, so that it is known who was asked. */
export class Etcd3Membership implements EtcdMembership {
  private readonly credentials: GatewayCredentials;
  private readonly clients = new Map<Url, Promise<Etcd3>>();

  constructor(credentials: GatewayCredentials) {
    this.credentials = credentials;
  }

  async addLearner(
    endpoint: Url,
    peerUrl: Url,
  ): Promise<{ readonly id: MemberId; readonly members: readonly Member[] }> {
    try {
      const answer = await this.ask(endpoint, 'member add', (client) =>
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
      await this.ask(endpoint, 'member promote', (client) => client.cluster.memberPromote({ ID: decimalId(id) }));
      return true;
    } catch (error) {
      if (says(error, /can only promote a learner member which is in sync/i)) return false;
      if (says(error, /can only promote a learner member$/i)) return true;
      throw error;
    }
  }

  async remove(endpoint: Url, id: MemberId): Promise<void> {
    try {
      await this.ask(endpoint, 'member remove', (client) => client.cluster.memberRemove({ ID: decimalId(id) }));
    } catch (error) {
      if (!says(error, /member not found|has been removed/i)) throw error;
    }
  }

  async updatePeerUrl(endpoint: Url, id: MemberId, peerUrl: Url): Promise<void> {
    const member = (await this.members(endpoint)).find((one) => one.id === id);
    // Writing the same URL again would be a raft entry, and etcd answers it with "Peer URLs already exists".
    if (member?.peerUrls.length === 1 && member.peerUrls[0] === peerUrl) return;
    await this.ask(endpoint, 'member update', (client) =>
      client.cluster.memberUpdate({ ID: decimalId(id), peerURLs: [peerUrl] }),
    );
  }

  async moveLeader(leaderEndpoint: Url, to: MemberId): Promise<void> {
    const { leader } = await this.ask(leaderEndpoint, 'status', (client) => client.maintenance.status());
    if (memberId(leader) === to) return;
    await this.ask(leaderEndpoint, 'move leader', (client) =>
      client.maintenance.moveLeader({ targetID: decimalId(to) }),
    );
  }

  async members(endpoint: Url): Promise<readonly Member[]> {
    return readMembers({ ...(await this.ask(endpoint, 'member list', (client) => client.cluster.memberList({}))) });
  }

  async takeTurn(
    endpoint: Url,
    key: string,
    unit: UnitName,
    purpose: string,
    ttlSeconds: number,
  ): Promise<string | null> {
    const { ID: lease } = await this.ask(endpoint, 'lease grant', (client) =>
      // The id is etcd's to choose; the lease is not kept alive beyond this hook.
      client.leaseClient.leaseGrant({ TTL: ttlSeconds, ID: 0 }),
    );
    const answer = await this.ask(endpoint, 'take turn', (client) =>
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
    const { kvs } = await this.ask(endpoint, 'read turn', (client) => client.get(key).exec());
    const [pair] = kvs;
    if (pair === undefined || readTurnValue(pair.value.toString('utf8'), pair.lease).unit !== unit) return;
    // Revoking its lease deletes the key only if the key is still bound to it.
    await this.revoke(endpoint, pair.lease);
  }

  close(): void {
    for (const client of this.clients.values()) void client.then((one) => one.close());
    this.clients.clear();
  }

  private async revoke(endpoint: Url, lease: string): Promise<void> {
    try {
      await this.ask(endpoint, 'lease revoke', (client) => client.leaseClient.leaseRevoke({ ID: lease }));
    } catch (error) {
      if (!says(error, /lease not found/i)) throw error;
    }
  }

  private async ask<T>(endpoint: Url, operation: string, call: (client: Etcd3) => Promise<T>): Promise<T> {
    const client = await this.client(endpoint);
    try {
      return await call(client);
    } catch (error) {
      throw castError(operation, endpoint, error);
    }
  }

  private client(endpoint: Url): Promise<Etcd3> {
    const known = this.clients.get(endpoint);
    if (known !== undefined) return known;
    const made = this.connect(endpoint);
    this.clients.set(endpoint, made);
    return made;
  }

  private async connect(endpoint: Url): Promise<Etcd3> {
    const { Etcd3: Client, noop } = await loadEtcd3();
    const { ca, certificate, key } = this.credentials;
    return new Client({
      hosts: [endpoint],
      credentials: {
        rootCertificate: Buffer.from(ca),
        certChain: Buffer.from(certificate),
        privateKey: Buffer.from(key),
      },
      defaultCallOptions: () => ({ deadline: Date.now() + changeTimeoutMs }),
      // The charm decides what is tried again: a change may have happened although its answer was lost.
      faultHandling: { global: noop, host: () => noop },
    });
  }
}

async function loadEtcd3() {
  const [{ Etcd3: Client }, { noop }] = await Promise.all([import('etcd3'), import('cockatiel')]);
  return { Etcd3: Client, noop };
}
