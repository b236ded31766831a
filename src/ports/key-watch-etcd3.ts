import type { Etcd3, Watcher } from 'etcd3';
import { CharmError } from '../domain/errors';
import type { Url } from '../domain/ids';
import { credentialsOf, loadEtcd3 } from './etcd3-clients';
import type { KeyWatch } from './key-watch';
import type { PemCredentials } from './pem-credentials';

const connectTimeoutMs = 8000;
/** A member whose machine is gone says nothing: it is asked for a sign of life. etcd takes one every 5 s (grpc-keepalive-min-time). */
const aliveOptions = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.keepalive_permit_without_calls': 1,
};

/**
 * {@link KeyWatch} over gRPC with etcd3's watch, in a client of its own. A watch that broke is given up and not resumed: etcd3 resumes
 * where it was, which fails for ever once that was compacted, and only what the keys are now is of interest.
 */
export class Etcd3KeyWatch implements KeyWatch {
  private readonly credentials: PemCredentials;
  private client: Etcd3 | null = null;
  private watchers: readonly Watcher[] = [];
  private over = false;

  constructor(credentials: PemCredentials) {
    this.credentials = credentials;
  }

  async start(
    endpoint: Url,
    keys: readonly string[],
    changed: (key: string) => void,
    lost: (why: string) => void,
  ): Promise<void> {
    const { Etcd3: Client, noop } = await loadEtcd3();
    const client = new Client({
      hosts: [endpoint],
      credentials: credentialsOf(this.credentials),
      grpcOptions: aliveOptions,
      faultHandling: { global: noop, host: () => noop },
    });
    this.client = client;
    await new Promise<void>((resolve, reject) => {
      let connected = false;
      const end = (error: unknown): void => {
        if (this.over) return;
        this.over = true;
        clearTimeout(timer);
        const why = error instanceof Error ? error.message : String(error);
        if (connected) lost(why);
        else
          reject(
            new CharmError({
              code: 'ETCD_UNAVAILABLE',
              operation: 'watch',
              message: `etcd at ${endpoint} gives no watch: ${why}`,
              cause: error,
              retryable: true,
            }),
          );
      };
      const timer = setTimeout(() => end(new Error('no answer')), connectTimeoutMs);
      let waiting = keys.length;
      this.watchers = keys.map((key) =>
        client
          .watch()
          .key(key)
          .watcher()
          .on('connected', () => {
            waiting -= 1;
            if (waiting > 0 || this.over) return;
            connected = true;
            clearTimeout(timer);
            resolve();
          })
          .on('data', () => changed(key))
          .on('disconnected', end)
          .on('error', end)
          .on('end', () => end(new Error('the watch ended'))),
      );
    });
  }

  close(): void {
    this.over = true;
    // Else the library would go on connecting for them.
    for (const watcher of this.watchers) watcher.cancel().catch(() => undefined);
    this.watchers = [];
    this.client?.close();
    this.client = null;
  }
}
