import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCipherSuites } from '../../src/domain/desired';
import type { EtcdConfig } from '../../src/domain/etcd-config';
import { etcdVersion, url } from '../../src/domain/ids';
import { renderEtcdConfig } from '../../src/domain/render-etcd-config';
import { GatewayEtcdProbe } from '../../src/ports/etcd-probe-gateway';
import { etcdBinaries, supportedMinors, type EtcdBinaries } from '../support/etcd-binaries';
import { freePort } from '../support/etcd-server';
import { TestAuthority } from '../support/pki';
import { until } from '../support/until';

const all = etcdBinaries();

/** What etcd says it starts with: the line `starting an etcd server` of its log, one JSON object. */
interface StartLine {
  readonly msg?: string;
  readonly 'heartbeat-interval'?: string;
  readonly 'election-timeout'?: string;
  readonly 'initial-corrupt-check'?: boolean;
  readonly 'snapshot-count'?: number;
  readonly 'feature-gates'?: string;
}

for (const minor of supportedMinors) {
  const binaries = all.find(({ name }) => name.startsWith(`${minor}.`));
  if (binaries === undefined) {
    console.log(`SKIPPED: no etcd ${minor} here; script/etcd-binaries ${minor} makes it (3.6 and 3.7 need Go)`);
    test.skip(`etcd ${minor} takes the rendered configuration`, () => undefined);
    continue;
  }
  describe(`the rendered configuration on etcd ${binaries.name}`, () => {
    let directory: string;
    let child: ChildProcess;
    let log = '';

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'etcd-config-'));
    });

    afterAll(async () => {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
      await rm(directory, { recursive: true, force: true });
    });

    test('it starts with it, over TLS on both ports, and every setting took effect', async () => {
      const authority = new TestAuthority();
      const config = await configIn(directory, authority, binaries);
      const file = join(directory, 'etcd.conf.yml');
      await writeFile(file, renderEtcdConfig(config));
      child = spawn(join(binaries.directory, 'etcd'), ['--config-file', file], { stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));

      const { certificate, key } = authority.issue({ commonName: 'client', usages: ['clientAuth'] });
      const probe = new GatewayEtcdProbe({ ca: authority.certificate, certificate, key });
      const endpoint = config.advertiseClientUrls[0] ?? url('');
      try {
        const status = await until(
          'it serves through its JSON gateway',
          async () => {
            const answer = await probe.status(endpoint);
            return answer.leaderId !== null && answer;
          },
          { timeoutMs: 15_000, everyMs: 50 },
        );
        expect(status.version).toBe(config.version);
        expect(await probe.hasQuorum(endpoint)).toBe(true);
      } finally {
        probe.close();
      }
      const lines = log.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as StartLine] : []));
      const started = lines.find(({ msg }) => msg === 'starting an etcd server');
      expect(started).toMatchObject({
        'heartbeat-interval': '150ms',
        'election-timeout': '1.5s',
        'snapshot-count': 12_345,
      });
      // From 3.6 on the checks are feature gates, and the field of their own in this line stays false whatever is set.
      if (minor === '3.4' || minor === '3.5') expect(started?.['initial-corrupt-check']).toBe(true);
      else expect(started?.['feature-gates']).toMatch(/CompactHashCheck=true.*InitialCorruptCheck=true/);
      expect(log).not.toMatch(/unknown field|unrecognized|not recognized/i);
      // 3.6 still takes the old spellings and says so; the charm must not use them there.
      if (minor === '3.6' || minor === '3.7') expect(log).not.toMatch(/deprecated/i);
    }, 30_000);
  });
}

async function configIn(directory: string, authority: TestAuthority, { name }: EtcdBinaries): Promise<EtcdConfig> {
  const issued = authority.issue({ commonName: '127.0.0.1', sans: ['127.0.0.1', 'localhost'] });
  const pki = {
    caFile: join(directory, 'ca.crt'),
    certFile: join(directory, 'server.crt'),
    keyFile: join(directory, 'server.key'),
  };
  await writeFile(pki.caFile, authority.certificate);
  await writeFile(pki.certFile, issued.certificate);
  await writeFile(pki.keyFile, issued.key, { mode: 0o600 });
  const client = url(`https://127.0.0.1:${await freePort('127.0.0.1')}`);
  const peer = url(`https://127.0.0.1:${await freePort('127.0.0.1')}`);
  return {
    version: etcdVersion(name),
    name: 'etcd0',
    dataDir: join(directory, 'data'),
    listenPeerUrls: [peer],
    listenClientUrls: [client],
    listenMetricsUrls: [],
    initialAdvertisePeerUrls: [peer],
    advertiseClientUrls: [client],
    initialCluster: [{ name: 'etcd0', peerUrl: peer }],
    // A token that reads as a number in YAML: it broke the predecessor once.
    initialClusterToken: '012345',
    initialClusterState: 'new',
    heartbeatInterval: 150,
    electionTimeout: 1500,
    snapshotCount: 12_345,
    cipherSuites: defaultCipherSuites,
    pki,
  };
}
