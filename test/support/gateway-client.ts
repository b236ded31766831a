import { request } from 'node:https';

/** PEM texts of a client of the cluster under test. */
export interface ClientTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * One POST to a member's JSON gateway, independent of the product's own client so that tests do not trust what they test.
 * Rejects on connection trouble, a deadline, or an answer that is not 200.
 */
export function gatewayCall<T>(
  endpoint: string,
  path: string,
  body: object,
  tls: Partial<ClientTls>,
  timeoutMs = 2000,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(endpoint);
    const call = request(
      { hostname, port, path, method: 'POST', ...tls, timeout: timeoutMs, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          clearTimeout(deadline);
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode !== 200)
            reject(new Error(`${endpoint}${path}: ${response.statusCode} ${text.slice(0, 200)}`));
          else resolve(JSON.parse(text) as T);
        });
      },
    );
    const deadline = setTimeout(
      () => call.destroy(new Error(`${endpoint}${path}: no answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
    call.on('error', (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    call.end(JSON.stringify(body));
  });
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const fromBase64 = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();

/** Which cluster acknowledged a write, and by which revision. Ids as the gateway prints them, decimal. */
export interface Acknowledgement {
  readonly revision: bigint;
  readonly clusterId: string;
}

/** Puts a key; resolves when the member acknowledged it. */
export async function acknowledgedPut(
  endpoint: string,
  key: string,
  value: string,
  tls: ClientTls,
  timeoutMs?: number,
): Promise<Acknowledgement> {
  const { header } = await gatewayCall<{ header: { revision: string; cluster_id: string } }>(
    endpoint,
    '/v3/kv/put',
    { key: base64(key), value: base64(value) },
    tls,
    timeoutMs,
  );
  return { revision: BigInt(header.revision), clusterId: header.cluster_id };
}

/** Puts a key; resolves with the revision when the member acknowledged it. */
export const put = async (...args: Parameters<typeof acknowledgedPut>): Promise<bigint> =>
  (await acknowledgedPut(...args)).revision;

/** The end of the range of all keys with a prefix. */
export const endOfPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** All keys under a prefix, by a linearizable read at this member. */
export async function readPrefix(endpoint: string, prefix: string, tls: ClientTls): Promise<Map<string, string>> {
  const end = endOfPrefix(prefix);
  const found = new Map<string, string>();
  let from = prefix;
  for (;;) {
    const answer = await gatewayCall<{ kvs?: { key: string; value?: string }[]; more?: boolean }>(
      endpoint,
      '/v3/kv/range',
      { key: base64(from), range_end: base64(end), limit: 1000 },
      tls,
      10_000,
    );
    for (const { key, value } of answer.kvs ?? []) found.set(fromBase64(key), fromBase64(value));
    const last = answer.kvs?.at(-1);
    if (!answer.more || last === undefined) return found;
    from = `${fromBase64(last.key)}\0`;
  }
}

/** HashKV of one member: of all keys and their history at one revision (0: its newest). From etcd 3.5 on. */
export async function hashKv(
  endpoint: string,
  tls: ClientTls,
  revision = 0n,
): Promise<{ hash: number; revision: bigint }> {
  const answer = await gatewayCall<{ hash: number; header: { revision: string } }>(
    endpoint,
    '/v3/maintenance/hashkv',
    { revision: revision.toString() },
    tls,
    // All keys are read for it.
    30_000,
  );
  return { hash: answer.hash, revision: BigInt(answer.header.revision) };
}

/** A member as the cluster lists it; ids are hex as etcdctl prints them. */
export interface ListedMember {
  readonly id: string;
  readonly name: string;
  readonly learner: boolean;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}

export async function listMembers(endpoint: string, tls: ClientTls): Promise<ListedMember[]> {
  const answer = await gatewayCall<{
    members?: { ID: string; name?: string; isLearner?: boolean; peerURLs?: string[]; clientURLs?: string[] }[];
  }>(endpoint, '/v3/cluster/member/list', {}, tls);
  return (answer.members ?? []).map((member) => ({
    id: BigInt(member.ID).toString(16).padStart(16, '0'),
    name: member.name ?? '',
    learner: member.isLearner ?? false,
    peerUrls: member.peerURLs ?? [],
    clientUrls: member.clientURLs ?? [],
  }));
}

/** Member id and leader id (hex) as the member itself sees them. */
export async function memberStatus(
  endpoint: string,
  tls: ClientTls,
): Promise<{ id: string; leader: string; version: string; clusterId: string }> {
  const answer = await gatewayCall<{
    header: { member_id: string; cluster_id: string };
    leader?: string;
    version: string;
  }>(endpoint, '/v3/maintenance/status', {}, tls);
  const hex = (id: string | undefined): string =>
    BigInt(id ?? '0')
      .toString(16)
      .padStart(16, '0');
  return {
    id: hex(answer.header.member_id),
    leader: hex(answer.leader),
    version: answer.version,
    clusterId: hex(answer.header.cluster_id),
  };
}
