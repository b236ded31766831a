import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Url } from '../src/domain/ids';
import { EtcdGateway } from '../src/ports/etcd-gateway';
import { makePaths } from '../src/ports/paths';
import type { EtcdBinaries } from '../test/support/etcd-binaries';
import { EtcdServers } from '../test/support/etcd-server';
import { until } from '../test/support/until';

const run = promisify(execFile);

/** What the keys of a database are made of: objects of Kubernetes in JSON, or bytes that nothing makes smaller. */
export type Content = 'objects' | 'random';

const valueBytes = 64 * 1024;
const putsAtOnce = 16;

/** Ends before etcd's own limit of a request, and leaves room for the pages that a database has besides its values. */
export const databaseBytes = Number(process.env['BENCH_MEBIBYTES'] ?? 1024) * 1024 ** 2;

function valueOf(content: Content): Buffer {
  if (content === 'random') return randomBytes(valueBytes);
  const objects: string[] = [];
  for (let length = 0; length < valueBytes;) {
    const [uid, digest] = [randomBytes(16).toString('hex'), randomBytes(32).toString('hex')];
    const object = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `web-${uid.slice(0, 10)}`,
        namespace: 'production',
        uid,
        labels: { app: 'web', tier: 'frontend' },
      },
      spec: {
        nodeName: `node-${uid.slice(0, 2)}`,
        containers: [{ name: 'web', image: `registry/web@sha256:${digest}`, resources: {} }],
      },
      status: { phase: 'Running', podIP: `10.1.${parseInt(uid.slice(0, 2), 16)}.${parseInt(uid.slice(2, 4), 16)}` },
    });
    objects.push(object);
    length += object.length;
  }
  return Buffer.from(objects.join('\n')).subarray(0, valueBytes);
}

/** One real member with a large database, and a directory that plays `/` of its unit. */
export class LargeMember implements AsyncDisposable {
  private constructor(
    readonly directory: string,
    readonly binaries: EtcdBinaries,
    readonly root: string,
    readonly endpoint: Url,
    private readonly servers: EtcdServers,
  ) {}

  static async create(repository: string, content: Content, minor = '3.5'): Promise<LargeMember> {
    const directory = mkdtempSync(join(tmpdir(), 'large-member-'));
    const archive = execFileSync(join(repository, 'script', 'etcd-binaries'), [minor, '--print-path'], {
      encoding: 'utf8',
    }).trim();
    const version = /v(\d+\.\d+\.\d+)-/.exec(archive)?.[1] ?? '';
    const root = join(directory, 'root');
    const paths = makePaths(root);
    const programs = join(paths.versions, version);
    mkdirSync(programs, { recursive: true });
    execFileSync('tar', ['-xzf', archive, '-C', programs, '--strip-components=1']);
    symlinkSync(programs, paths.current);
    // The server gets them by its environment: its flags are those of all tests.
    Object.assign(process.env, { ETCD_QUOTA_BACKEND_BYTES: String(4 * databaseBytes), ETCD_UNSAFE_NO_FSYNC: 'true' });
    const binaries = { name: version, directory: programs, archive };
    const servers = await EtcdServers.create(binaries);
    const server = await servers.prepare('one');
    server.start(`one=${server.peerUrl}`, 'new');
    const { pki } = paths;
    mkdirSync(pki.directory, { recursive: true });
    writeFileSync(pki.ca, servers.authority.certificate);
    writeFileSync(pki.clientCertificate, servers.client.certificate);
    writeFileSync(pki.clientKey, servers.client.key, { mode: 0o600 });
    mkdirSync(dirname(paths.backupState), { recursive: true });
    const member = new LargeMember(directory, binaries, root, server.clientUrl, servers);
    try {
      await member.fill(content);
      return member;
    } catch (error) {
      await member[Symbol.asyncDispose]();
      throw error;
    }
  }

  private async fill(content: Content): Promise<void> {
    const { certificate, key } = this.servers.client;
    const gateway = new EtcdGateway({ ca: this.servers.authority.certificate, certificate, key });
    const size = async (): Promise<number> => {
      const { dbSize } = await gateway.call(this.endpoint, '/v3/maintenance/status', {}, 10_000);
      return Number(dbSize ?? 0);
    };
    try {
      await until('the member serves', () => size().then((bytes) => bytes > 0), { timeoutMs: 20_000 });
      for (let count = 0; (await size()) < databaseBytes; count += 1) {
        const puts = Array.from({ length: putsAtOnce }, (_, at) => ({
          request_put: {
            key: Buffer.from(`/registry/${count}/${at}`).toString('base64'),
            value: valueOf(content).toString('base64'),
          },
        }));
        await gateway.call(this.endpoint, '/v3/kv/txn', { success: puts }, 30_000);
      }
    } finally {
      gateway.close();
    }
  }

  /** `etcdctl snapshot save`. */
  async save(file: string): Promise<void> {
    const { pki } = makePaths(this.root);
    await run(
      join(this.binaries.directory, 'etcdctl'),
      [
        ...[
          `--endpoints=${this.endpoint}`,
          `--cacert=${pki.ca}`,
          `--cert=${pki.clientCertificate}`,
          `--key=${pki.clientKey}`,
        ],
        ...['snapshot', 'save', file],
      ],
      { env: { ...process.env, ETCDCTL_API: '3' } },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.servers.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
