import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { etcdArchive } from '../support/packed-charms';
import { fileOf, headerOnlyArchive, truncatedArchive } from '../support/release-archive';
import { until } from '../support/until';

jest.setTimeout(120_000);

type Options = Readonly<Record<string, string | number | boolean>>;

/** Options out of range, and what the status must say about them. */
const badConfigs: readonly { readonly name: string; readonly values: Options; readonly says: RegExp }[] = [
  { name: 'port 0', values: { port: 0 }, says: /\bport is 0\b.*1 to 65535/ },
  { name: 'equal ports', values: { port: 2400, management_port: 2400 }, says: /port and management_port.*2400/ },
  {
    name: 'an election timeout below 5 heartbeats',
    values: { heartbeat_interval: 100, election_timeout: 499 },
    says: /election_timeout is 499.*5 heartbeats \(500 ms\)/,
  },
  {
    name: 'an election timeout above 50 s',
    values: { election_timeout: 50_001 },
    says: /election_timeout is 50001.*50000/,
  },
];
const options = ['port', 'management_port', 'heartbeat_interval', 'election_timeout'];

/** Resources that cannot be installed, and what the status must say about them. */
const badResources: readonly {
  readonly name: string;
  readonly make: (directory: string) => string | Promise<string>;
  readonly says: RegExp;
}[] = [
  {
    name: 'no tarball',
    make: (directory) => fileOf(directory, 'notes.gz', 'not an archive at all\n'.repeat(100)),
    says: /is not a tar\.gz archive.*attach-resource/,
  },
  {
    name: 'a truncated tarball',
    make: (directory) => truncatedArchive(directory, etcdArchive('3.5')),
    says: /is truncated.*attach-resource/,
  },
  {
    name: 'another architecture',
    make: (directory) => headerOnlyArchive(directory, '3.5.16', 'arm64'),
    says: /another architecture: arm64.*attach-resource/,
  },
  {
    name: 'an older version',
    make: (directory) => headerOnlyArchive(directory, '3.3.25', 'x64'),
    says: /3\.3\.25.*at least 3\.4.*attach-resource/,
  },
  {
    name: 'a snap',
    make: (directory) => fileOf(directory, 'etcd-snap.gz', `hsqs${'\0'.repeat(200)}`),
    says: /is a snap.*tar\.gz/,
  },
];

describeOnMachines('bad input', () => {
  let model: EtcdModel;
  let directory: string;
  const files = new Map<string, string>();

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'etcd-e2e-bad-input-'));
    for (const { name, make } of badResources) files.set(name, await make(directory));
    model = await EtcdModel.create('bad input');
    // The CA's machine boots beside etcd's; it is related later.
    await model.deployAuthority();
    await model.deployEtcd(1, { resource: files.get(badResources[0]?.name ?? '') ?? null, config: { port: 0 } });
  });
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  const check = (title: string, body: () => Promise<void>): void => it(title, () => model.explain(body));
  const says = (word: 'active' | 'blocked', message: RegExp): Promise<unknown> =>
    until(
      `etcd/0 is ${word} with ${String(message)}`,
      () => {
        const [line] = model.lines();
        if (line?.word === word && message.test(line.message)) return true;
        throw new Error(`it is ${line?.word}: ${line?.message}`);
      },
      { timeoutMs: 20_000 },
    );
  const configure = async (values: Options): Promise<void> => {
    const reset = options.filter((option) => values[option] === undefined);
    await model.emulator.setConfig('etcd', values, reset);
    await model.emulator.settle();
  };
  const attach = async (name: string): Promise<void> => {
    await model.emulator.attachResource('etcd', 'etcd', files.get(name) ?? '');
    await model.emulator.settle();
  };

  describe('before there is an etcd', () => {
    for (const { name, values, says: message } of badConfigs)
      check(`${name} blocks with what and why`, async () => {
        await configure(values);
        await says('blocked', message);
      });

    for (const { name, says: message } of badResources)
      check(`${name} as the resource blocks with what to do`, async () => {
        await configure({});
        await attach(name);
        await says('blocked', message);
        expect((await model.run('etcd/0', 'ls /opt/etcd 2>/dev/null | grep -v current')).stdout).toBe('');
      });

    check('health refuses in one line', async () => {
      const task = await model.emulator.runAction('etcd/0', 'health');
      expect(task.status).toBe('failed');
      expect(task.message).toMatch(/^[^\n]*not installed[^\n]*$/);
    });

    check('the right resource cures it, and then the CA is what is missing', async () => {
      await model.emulator.attachResource('etcd', 'etcd', etcdArchive('3.5'));
      await model.emulator.settle();
      await says('blocked', /^Missing relation to certificate authority\.$/);
      expect(await model.pid('etcd/0')).toBeNull();
    });

    check('a CA cures that', async () => {
      await model.relateAuthority();
      await model.healthy(1);
    });
  });

  describe('while etcd runs', () => {
    let pid: number | null;
    let configText: string;

    check('it runs', async () => {
      pid = await model.pid('etcd/0');
      configText = model.file('etcd/0', '/etc/etcd/etcd.conf.yml');
      expect(pid).not.toBeNull();
    });

    const untouched = async (): Promise<void> => {
      expect(await model.pid('etcd/0')).toBe(pid);
      expect(model.file('etcd/0', '/etc/etcd/etcd.conf.yml')).toBe(configText);
    };

    check('options out of range block, with etcd untouched, and the defaults cure it', async () => {
      for (const { values, says: message } of badConfigs) {
        await configure(values);
        await says('blocked', message);
        await untouched();
      }
      await configure({});
      await model.healthy(1);
      await untouched();
    });

    check('resources that cannot be used block, with etcd untouched, and the right one cures it', async () => {
      for (const { name, says: message } of badResources) {
        await attach(name);
        await says('blocked', message);
        await untouched();
      }
      await model.emulator.attachResource('etcd', 'etcd', etcdArchive('3.5'));
      await model.healthy(1);
      await untouched();
    });

    check('a newer version is told of and not switched to', async () => {
      const newer = await headerOnlyArchive(directory, '3.6.9', 'x64');
      await model.emulator.attachResource('etcd', 'etcd', newer);
      await model.emulator.settle();
      await says('active', /^cluster is healthy \(1 of 1 members\).*3\.6\.9.*3\.5\.16 stays in use/);
      await untouched();
    });
  });
});
