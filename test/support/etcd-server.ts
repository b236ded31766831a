import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { url, type Url } from '../../src/domain/ids';
import { TestAuthority, type Issued } from './pki';
import type { EtcdBinaries } from './etcd-binaries';

/** A port that nobody listens on now. */
export async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

/** One real etcd with TLS in a directory of its own. */
export class EtcdServer {
  private child: ChildProcess | null = null;

  constructor(
    readonly name: string,
    readonly clientUrl: Url,
    readonly peerUrl: Url,
    readonly dataDirectory: string,
    private readonly program: string,
    private readonly args: readonly string[],
  ) {}

  start(initialCluster: string, state: 'new' | 'existing', more: readonly string[] = []): void {
    const args = [...this.args, '--initial-cluster', initialCluster, '--initial-cluster-state', state, ...more];
    this.child = spawn(this.program, args, { stdio: 'ignore' });
  }

  /** As a kill from outside; SIGSTOP makes one that is there and says nothing. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

/** Real etcds with TLS that share an authority; everything is gone after `close`. */
export class EtcdServers {
  readonly authority = new TestAuthority();
  readonly client: Issued = this.authority.issue({ commonName: 'client', usages: ['clientAuth'] });
  private readonly servers: EtcdServer[] = [];

  private constructor(
    private readonly directory: string,
    private readonly binaries: EtcdBinaries,
  ) {}

  static async create(binaries: EtcdBinaries): Promise<EtcdServers> {
    return new EtcdServers(await mkdtemp(join(tmpdir(), 'etcd-contract-')), binaries);
  }

  /** Prepares a server; it is not started. */
  async prepare(name: string): Promise<EtcdServer> {
    const base = join(this.directory, name);
    await mkdir(base, { recursive: true });
    const issued = this.authority.issue({ commonName: name, sans: ['127.0.0.1', 'localhost'] });
    const file = (kind: string): string => join(base, kind);
    await writeFile(file('ca.crt'), this.authority.certificate);
    await writeFile(file('server.crt'), issued.certificate);
    await writeFile(file('server.key'), issued.key, { mode: 0o600 });
    const client = url(`https://127.0.0.1:${await freePort('127.0.0.1')}`);
    const peer = url(`https://127.0.0.1:${await freePort('127.0.0.1')}`);
    const tls = ['', 'peer-'].flatMap((prefix) => [
      `--${prefix}client-cert-auth`,
      `--${prefix}trusted-ca-file=${file('ca.crt')}`,
      `--${prefix}cert-file=${file('server.crt')}`,
      `--${prefix}key-file=${file('server.key')}`,
    ]);
    const server = new EtcdServer(name, client, peer, file('data'), join(this.binaries.directory, 'etcd'), [
      `--name=${name}`,
      `--data-dir=${file('data')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      ...tls,
    ]);
    this.servers.push(server);
    return server;
  }

  async close(): Promise<void> {
    for (const server of this.servers) await server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
