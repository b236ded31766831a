import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EtcdBinaries } from './etcd-binaries';
import { EtcdServers, type EtcdServer } from './etcd-server';
import { memberStatus, put, type ClientTls } from './gateway-client';
import { until } from './until';

const run = promisify(execFile);

/** A member of its own with some keys, and what etcd's own programs make of it. */
export class SnapshotServer implements AsyncDisposable {
  private constructor(
    readonly binaries: EtcdBinaries,
    private readonly servers: EtcdServers,
    readonly server: EtcdServer,
    readonly tls: ClientTls,
  ) {}

  static async create(binaries: EtcdBinaries, keys: number, valueBytes = 1000): Promise<SnapshotServer> {
    const servers = await EtcdServers.create(binaries);
    const server = await servers.prepare('one');
    server.start(`one=${server.peerUrl}`, 'new');
    const tls = { ca: servers.authority.certificate, cert: servers.client.certificate, key: servers.client.key };
    const made = new SnapshotServer(binaries, servers, server, tls);
    await until(
      'the member serves',
      async () => (await memberStatus(server.clientUrl, tls)).leader !== '0000000000000000',
      {
        timeoutMs: 20_000,
      },
    );
    for (let key = 0; key < keys; key++)
      await put(server.clientUrl, `/key/${key}`, `${key} `.repeat(Math.ceil(valueBytes / `${key} `.length)), tls);
    return made;
  }

  /** `etcdctl snapshot save` by itself. */
  async save(file: string): Promise<void> {
    await run(join(this.binaries.directory, 'etcdctl'), [...(await this.flags()), 'snapshot', 'save', file], {
      env: { ...process.env, ETCDCTL_API: '3' },
    });
  }

  get data(): string {
    return this.server.dataDirectory;
  }

  /** Flags with which etcdctl reaches the member. */
  async flags(): Promise<readonly string[]> {
    const directory = join(this.server.dataDirectory, '..', 'ctl');
    if (!existsSync(directory)) {
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'ca.crt'), this.tls.ca);
      await writeFile(join(directory, 'client.crt'), this.tls.cert);
      await writeFile(join(directory, 'client.key'), this.tls.key, { mode: 0o600 });
    }
    const file = (name: string): string => join(directory, name);
    return [
      `--endpoints=${this.server.clientUrl}`,
      `--cacert=${file('ca.crt')}`,
      `--cert=${file('client.crt')}`,
      `--key=${file('client.key')}`,
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.servers.close();
  }
}

/** etcd's program for snapshot files: etcdutl, or etcdctl where there is none. */
export const snapshotProgram = ({ directory }: EtcdBinaries): string =>
  existsSync(join(directory, 'etcdutl')) ? join(directory, 'etcdutl') : join(directory, 'etcdctl');

/** `snapshot status`, as etcd's own program says it. */
export async function plainStatus(
  binaries: EtcdBinaries,
  file: string,
): Promise<{ revision: number; totalKey: number; hash: number }> {
  const { stdout } = await run(snapshotProgram(binaries), ['snapshot', 'status', file, '-w', 'json'], {
    env: { ...process.env, ETCDCTL_API: '3' },
  });
  return JSON.parse(stdout) as { revision: number; totalKey: number; hash: number };
}

/** `snapshot restore` by itself, into a directory that is not there yet. */
export async function plainRestore(binaries: EtcdBinaries, file: string, data: string): Promise<void> {
  await rm(data, { recursive: true, force: true });
  await run(
    snapshotProgram(binaries),
    [
      ...['snapshot', 'restore', file, `--data-dir=${data}`, '--name=one', '--initial-cluster-token=plain'],
      ...['--initial-cluster=one=http://127.0.0.1:1', '--initial-advertise-peer-urls=http://127.0.0.1:1'],
    ],
    { env: { ...process.env, ETCDCTL_API: '3' } },
  );
}
