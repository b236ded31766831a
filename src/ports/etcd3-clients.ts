import type { Etcd3 } from 'etcd3';
import { CharmError } from '../domain/errors';
import type { Url } from '../domain/ids';
import type { PemCredentials } from './pem-credentials';

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

/** Whether etcd's own text inside an error of {@link Etcd3Clients.ask} has these words. */
export const says = (error: unknown, words: RegExp): boolean =>
  error instanceof CharmError && words.test(textOf(error.cause));

/** gRPC with etcd3; the library is loaded at the first call. One client per endpoint, so that it is known who was asked. */
export class Etcd3Clients {
  private readonly credentials: PemCredentials;
  private readonly clients = new Map<Url, Promise<Etcd3>>();

  constructor(credentials: PemCredentials) {
    this.credentials = credentials;
  }

  /** One call at one endpoint. Throws `ETCD_UNAVAILABLE`, `ETCD_TIMEOUT` or `ETCD_REFUSED`. */
  async ask<T>(endpoint: Url, operation: string, call: (client: Etcd3) => Promise<T>): Promise<T> {
    const client = await this.client(endpoint);
    try {
      return await call(client);
    } catch (error) {
      throw castError(operation, endpoint, error);
    }
  }

  close(): void {
    for (const client of this.clients.values()) void client.then((one) => one.close());
    this.clients.clear();
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
    return new Client({
      hosts: [endpoint],
      credentials: credentialsOf(this.credentials),
      defaultCallOptions: () => ({ deadline: Date.now() + changeTimeoutMs }),
      // The charm decides what is tried again: a change may have happened although its answer was lost.
      faultHandling: { global: noop, host: () => noop },
    });
  }
}

/** As etcd3 takes them. */
export const credentialsOf = ({ ca, certificate, key }: PemCredentials) => ({
  rootCertificate: Buffer.from(ca),
  certChain: Buffer.from(certificate),
  privateKey: Buffer.from(key),
});

/** The library, loaded when it is first needed: hooks pay nothing for it. */
export async function loadEtcd3() {
  const [{ Etcd3: Client }, { noop }] = await Promise.all([import('etcd3'), import('cockatiel')]);
  return { Etcd3: Client, noop };
}
