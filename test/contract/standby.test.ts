import { spawn, type ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { connect } from 'node:tls';
import { defaultCipherSuites } from '../../src/domain/desired';
import { url, type Url } from '../../src/domain/ids';
import { renderStandbySettings, type StandbySettings } from '../../src/domain/standby';
import { askHealth } from '../../src/ports/ask-health';
import { Etcd3Keys } from '../../src/ports/etcd-keys-etcd3';
import { makePaths } from '../../src/ports/paths';
import type { PemCredentials } from '../../src/ports/pem-credentials';
import { linkServiceName, proxyServiceName, renderProxyUnit } from '../../src/ports/standby-units';
import { etcdBinaries, supportedMinors, type EtcdBinaries } from '../support/etcd-binaries';
import { EtcdServers, freePort, type EtcdServer } from '../support/etcd-server';
import { bundledProgram } from '../support/mirrored-machine';
import { TestAuthority, type Issued } from '../support/pki';
import { until } from '../support/until';

jest.setTimeout(60_000);
const all = etcdBinaries();
const patience = { timeoutMs: 20_000, everyMs: 50 };
let programs: string;
let program: string;

beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), 'standby-program-'));
  program = bundledProgram(programs);
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

/** A directory that plays a machine with a standby, its two services as plain processes. */
class StandbyMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'standby-'));
  readonly paths = makePaths(this.root);
  private readonly children: ChildProcess[] = [];
  log = '';

  constructor(
    private readonly servers: EtcdServers,
    binaries: EtcdBinaries,
    readonly port: number,
  ) {
    mkdirSync(this.paths.versions, { recursive: true });
    symlinkSync(binaries.directory, this.paths.current);
    for (const service of [linkServiceName, proxyServiceName])
      mkdirSync(join(this.root, 'run', service), { recursive: true });
    this.write(this.paths.gate.release, 'test');
    this.write(this.paths.pki.ca, servers.authority.certificate);
    this.certify();
  }

  get endpoint(): Url {
    return url(`https://127.0.0.1:${this.port}`);
  }

  /** A new certificate of the server's, as a renewal puts it there. */
  certify(): string {
    const issued = this.servers.authority.issue({ commonName: '127.0.0.1', sans: ['127.0.0.1'] });
    this.write(this.paths.pki.serverCertificate, issued.certificate);
    this.write(this.paths.pki.serverKey, issued.key);
    return issued.certificate;
  }

  work(members: readonly Url[]): StandbySettings {
    const proxy = {
      listen: `127.0.0.1:${this.port}`,
      cipherSuites: defaultCipherSuites,
      version: 'test',
      ca: 'test',
    };
    const settings = { release: 'test', proxy, members };
    this.write(this.paths.standby.settings, renderStandbySettings(settings));
    return settings;
  }

  async start(settings: StandbySettings): Promise<void> {
    this.run([process.execPath, program, 'standby-link', this.root, '100']);
    await until('the link runs', () => existsSync(this.paths.standby.link), patience);
    const command = /^ExecStart=(.+)$/m.exec(renderProxyUnit(this.paths, process.arch, settings))?.[1] ?? '';
    this.run(command.split(' '));
  }

  /** Flags of etcdctl for a client of this certificate. */
  client({ certificate, key }: Issued): readonly string[] {
    this.write(join(this.root, 'client.crt'), certificate);
    this.write(join(this.root, 'client.key'), key);
    const flags = {
      cacert: this.paths.pki.ca,
      cert: join(this.root, 'client.crt'),
      key: join(this.root, 'client.key'),
    };
    return Object.entries(flags).map(([name, path]) => `--${name}=${path}`);
  }

  through(): string {
    return readFileSync(this.paths.standby.through, 'utf8').trim();
  }

  /** Exit statuses of those of its processes that ended. */
  exited(): readonly (number | null)[] {
    return this.children
      .filter(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)
      .map(({ exitCode }) => exitCode);
  }

  async remove(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.root, { recursive: true, force: true });
  }

  private run([file = '', ...args]: readonly string[]): void {
    const child = spawn(file, args, { cwd: this.root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    this.children.push(child);
  }

  private write(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
  }
}

/** Serial number of the certificate that a server shows. */
function shownCertificate(port: number, { ca, certificate, key }: PemCredentials): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, cert: certificate, key }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

for (const minor of supportedMinors) {
  const binaries = all.find(({ name }) => name.startsWith(`${minor}.`));
  if (binaries === undefined) {
    console.log(`SKIPPED: no etcd ${minor} here; script/etcd-binaries ${minor} makes it (3.6 and 3.7 need Go)`);
    test.skip(`a standby of etcd ${minor}`, () => undefined);
    continue;
  }
  describe(`a standby of etcd ${binaries.name}`, () => {
    let servers: EtcdServers;
    let members: readonly EtcdServer[];
    let standby: StandbyMachine;
    let keys: Etcd3Keys;
    const urls = (): readonly Url[] => members.map(({ clientUrl }) => clientUrl);
    const credentials = () => {
      const { certificate, key } = servers.client;
      return { ca: servers.authority.certificate, certificate, key };
    };
    const written = async (key: string, value: string): Promise<string | null> => {
      const before = await keys.read(standby.endpoint, key);
      await keys.put(standby.endpoint, key, value, before?.modRevision ?? null);
      return (await keys.read(standby.endpoint, key))?.value.toString() ?? null;
    };

    beforeAll(async () => {
      servers = await EtcdServers.create(binaries);
      members = await Promise.all(['one', 'two', 'three'].map((name) => servers.prepare(name)));
      const initial = members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join();
      for (const member of members) member.start(initial, 'new');
      keys = new Etcd3Keys(credentials());
      standby = new StandbyMachine(servers, binaries, await freePort('127.0.0.1'));
      await standby.start(standby.work(urls()));
      await until(
        'it serves',
        async () => (await askHealth(standby.endpoint, credentials(), 2000)) === null,
        patience,
      ).catch((error: unknown) => {
        process.stderr.write(standby.log);
        throw error;
      });
    });
    afterAll(async () => {
      keys?.close();
      await standby?.remove();
      await servers?.close();
    });

    test('a client writes and reads through it', async () => {
      expect(await written('/one', '1')).toBe('1');
    });

    test('without TLS, without a certificate, and with one of another authority nobody gets in', async () => {
      const { certificate, key } = new TestAuthority('another').issue({ commonName: 'client' });
      const foreign = { ...credentials(), certificate, key };
      expect(await askHealth(standby.endpoint, foreign, 2000)).not.toBeNull();
      expect(await askHealth(standby.endpoint, { ...credentials(), certificate: '', key: '' }, 2000)).not.toBeNull();
      await expect(fetch(`http://127.0.0.1:${standby.port}/health`)).rejects.toThrow(/./);
      expect(await askHealth(standby.endpoint, credentials(), 2000)).toBeNull();
    });

    test('a renewed certificate is shown without a restart, on both sides', async () => {
      const renewed = new X509Certificate(standby.certify());
      expect(await shownCertificate(standby.port, credentials())).toBe(renewed.serialNumber);
      expect(await written('/renewed', '1')).toBe('1');
    });

    test('the member that it goes through dies, then freezes: another one takes over', async () => {
      const kill = async (signal: NodeJS.Signals): Promise<void> => {
        const through = standby.through();
        const member = members.find(({ clientUrl }) => clientUrl === through);
        if (member === undefined) throw new Error(`it goes through ${through}`);
        if (signal === 'SIGSTOP') member.signal('SIGSTOP');
        else await member.stop(signal);
        await until('another one', () => standby.through() !== through && standby.through() !== '', patience);
        await until('it writes', async () => (await written(`/after/${signal}`, '1')) === '1', patience);
        if (signal === 'SIGSTOP') member.signal('SIGCONT');
        else member.start(members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(), 'new');
        await until(
          'all are healthy',
          async () => {
            const faults = await Promise.all(urls().map((one) => askHealth(one, credentials(), 2000)));
            return faults.every((fault) => fault === null);
          },
          patience,
        );
      };
      await kill('SIGKILL');
      await kill('SIGSTOP');
    });

    test('told of other members it goes to them, and the proxy goes on', async () => {
      const others = urls().filter((one) => one !== standby.through());
      standby.work(others);
      await until('another one', () => others.some((one) => one === standby.through()), patience);
      await until('it writes', async () => (await written('/others', '1')) === '1', patience);
      expect(standby.exited()).toEqual([]);
    });

    test('without the link it would not run: the proxy takes no certificate with a common name towards the members', async () => {
      const { ca, serverCertificate, serverKey } = standby.paths.pki;
      const args = [
        `--endpoints=${urls().join()}`,
        `--cacert=${ca}`,
        `--cert=${serverCertificate}`,
        `--key=${serverKey}`,
      ];
      const proxy = spawn(join(binaries.directory, 'etcd'), ['grpc-proxy', 'start', ...args]);
      let log = '';
      for (const stream of [proxy.stdout, proxy.stderr])
        stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
      const end = setTimeout(() => proxy.kill('SIGKILL'), patience.timeoutMs);
      const [code] = (await once(proxy, 'close')) as [number | null];
      clearTimeout(end);
      expect(code).toBe(1);
      expect(log).toMatch(/non empty Common Name/);
    });

    test('where authentication is on, a certificate’s name gives no rights through it; name and password do', async () => {
      const root = servers.authority.issue({ commonName: 'root', usages: ['clientAuth'] });
      const files = standby.client(root);
      const etcdctl = async (endpoint: Url, ...args: readonly string[]): Promise<string> => {
        const run = await execa(
          join(binaries.directory, 'etcdctl'),
          ['--command-timeout=20s', '--endpoints', endpoint, ...files, ...args],
          {
            env: { ETCDCTL_API: '3' },
            reject: false,
            all: true,
          },
        );
        return run.all;
      };
      const [member] = urls();
      if (member === undefined) throw new Error('no member');
      await etcdctl(member, 'user', 'add', 'root:secret');
      await etcdctl(member, 'user', 'grant-role', 'root', 'root');
      expect(await etcdctl(member, 'auth', 'enable')).toMatch(/Authentication Enabled/);
      expect(await etcdctl(member, 'put', '/auth', '1')).toMatch(/OK/);
      expect(await etcdctl(standby.endpoint, 'put', '/auth', '2')).not.toMatch(/OK/);
      expect(await etcdctl(standby.endpoint, '--user', 'root:secret', 'put', '/auth', '3')).toMatch(/OK/);
      expect(await askHealth(standby.endpoint, credentials(), 2000)).toBeNull();
      expect(standby.through()).not.toBe('');
    });

    test('it keeps nothing on its disk', () => {
      expect(existsSync(standby.paths.volume)).toBe(false);
      expect(existsSync(join(standby.root, 'default.proxy'))).toBe(false);
    });
  });
}
