import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { url, type Url } from '../../src/domain/ids';
import { askHealth } from '../../src/ports/ask-health';
import { Etcd3Keys } from '../../src/ports/etcd-keys-etcd3';
import { listMembers } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { TestAuthority } from '../support/pki';
import { sharedCluster } from '../support/shared-cluster';
import { until } from '../support/until';

jest.setTimeout(600_000);
const standby = 'etcd-proxy/0';
const patience = { timeoutMs: 120_000, everyMs: 100 };
let model: LightModel;
let keys: Etcd3Keys;

sharedCluster('standby', 3, async (made) => {
  model = made;
  const { certificate, key } = credentials();
  keys = new Etcd3Keys({ ca: credentials().ca, certificate, key });
  const { charm } = model.charms.etcd([]);
  await model.emulator.deploy(charm, {
    name: 'etcd-proxy',
    units: 1,
    config: { bind_to_all_interfaces: false, role: 'standby' },
    resources: { etcd: model.charms.archive() },
  });
  await model.emulator.integrate('etcd-proxy:certificates', 'easyrsa:client');
  await model.emulator.settle();
  model.machine(standby);
});
afterAll(() => {
  keys?.close();
});

/** Of a client of the members: the standby must take the same. */
const credentials = () => {
  const { ca, cert, key } = model.tls('etcd/0');
  return { ca, certificate: cert, key };
};
const endpoint = (): Url => url(model.endpoint(standby));
const file = (path: string): string => readFileSync(join(model.root(standby), path), 'utf8').trim();
const through = (): string => file('run/etcd-standby-link/through');
const proxyPid = (): string => file('run/light/etcd-grpc-proxy/main');

function said(unit: string): string {
  const [application = ''] = unit.split('/');
  const status = model.emulator.status().applications[application]?.units?.[unit]?.['workload-status'];
  return `${status?.status}: ${status?.info}`;
}

const says = (unit: string, words: string): Promise<unknown> =>
  until(
    `${unit} says ${words}`,
    async () => {
      await model.emulator.settle({ timeoutMs: 60_000 });
      if (said(unit).startsWith(words)) return true;
      throw new Error(said(unit));
    },
    patience,
  );

async function written(key: string, value: string): Promise<string | undefined> {
  const before = await keys.read(endpoint(), key);
  await keys.put(endpoint(), key, value, before?.modRevision ?? null);
  return (await keys.read(endpoint(), key))?.value.toString();
}

const members = async (of = 'etcd/0'): Promise<readonly string[]> =>
  (await listMembers(model.endpoint(of), model.tls(of)))
    .map(({ name, learner }) => `${name}${learner ? ' learner' : ''}`)
    .sort();

test('one that is related to no cluster waits, and founds none', () => {
  expect(said(standby)).toBe(
    'waiting: Waiting for a cluster to stand by for: relate its db to members, or set etcd_proxy',
  );
  expect(existsSync(join(model.root(standby), 'var/lib/etcd/data'))).toBe(false);
});

test('related, it serves clients of the members over TLS, and is none of them', () =>
  model.explain('related', async () => {
    await model.emulator.integrate('etcd-proxy:members', 'etcd:db');
    await says(standby, 'active: Standby: serving clients of 3 members');
    expect(await written('/one', '1')).toBe('1');
    expect(await members()).toEqual(['etcd0', 'etcd1', 'etcd2']);
    const { certificate, key } = new TestAuthority('another').issue({ commonName: 'client' });
    expect(await askHealth(endpoint(), { ...credentials(), certificate, key }, 2000)).not.toBeNull();
    await expect(fetch(`${endpoint().replace('https:', 'http:')}/health`)).rejects.toThrow(/./);
    expect(await askHealth(endpoint(), credentials(), 2000)).toBeNull();
    for (const path of ['var/lib/etcd/data', 'var/lib/etcd/generation.json', 'etc/systemd/system/etcd.service'])
      expect(existsSync(join(model.root(standby), path))).toBe(false);
    await model.expectAtRest();
  }));

test('health tells it, and what is a member’s is refused', async () => {
  const health = await model.emulator.runAction(standby, 'health');
  expect([health.status, health.results['role'], health.results['serving']]).toEqual(['completed', 'standby', 'true']);
  expect(String(health.results['output'])).toMatch(/Standby: serving clients of 3 members$/);
  const refused = await model.emulator.runAction(standby, 'snapshot');
  expect([refused.status, refused.message]).toEqual([
    'failed',
    'This unit is a standby and has no member: run snapshot on a unit of the cluster that it serves.',
  ]);
});

test('the member that it goes through dies: clients go on', () =>
  model.explain('a member dies', async () => {
    const before = through();
    const pid = proxyPid();
    const unit = model.units().find((one) => model.endpoint(one) === before) ?? '';
    process.kill(model.pid(unit), 'SIGKILL');
    await until('it writes', async () => (await written('/dead', '1')) === '1', patience);
    await model.healthy(3);
    expect(proxyPid()).toBe(pid);
  }));

test('options do not make a standby of a member, or a member of a standby', () =>
  model.explain('options', async () => {
    await model.emulator.setConfig('etcd', { role: 'standby' });
    await model.emulator.setConfig('etcd-proxy', { role: 'member' });
    await says('etcd/1', 'blocked: this application has a cluster of its own');
    await says(standby, 'blocked: Standby: its application stands by');
    expect(await members()).toEqual(['etcd0', 'etcd1', 'etcd2']);
    expect(await written('/refused', '1')).toBe('1');
    await model.emulator.setConfig('etcd', { role: 'auto' });
    await model.emulator.setConfig('etcd-proxy', { role: 'standby' });
    await model.healthy(3);
    await says(standby, 'active: Standby: serving clients of 3 members');
  }));

test('it follows the members, and its clients keep their proxy', () =>
  model.explain('a member leaves', async () => {
    const pid = proxyPid();
    const gone = model.units().find((unit) => unit !== 'etcd/0') ?? '';
    await model.emulator.removeUnit(gone);
    await model.healthy(2);
    await says(standby, 'active: Standby: serving clients of 2 members');
    expect(await written('/two', '1')).toBe('1');
    expect(proxyPid()).toBe(pid);
  }));

test('its services end and come back by themselves; when it is removed, no member changes', () =>
  model.explain('the standby goes', async () => {
    const before = await members();
    for (const service of ['etcd-grpc-proxy', 'etcd-standby-link'])
      process.kill(Number(file(`run/light/${service}/main`)), 'SIGKILL');
    await until('it serves again', async () => (await askHealth(endpoint(), credentials(), 2000)) === null, patience);
    const address = endpoint();
    await model.emulator.removeUnit(standby);
    await model.emulator.settle();
    expect(model.emulator.status().applications['etcd-proxy']?.units ?? {}).toEqual({});
    expect(await askHealth(address, credentials(), 2000)).not.toBeNull();
    expect(await members()).toEqual(before);
    await model.healthy(2);
  }));
