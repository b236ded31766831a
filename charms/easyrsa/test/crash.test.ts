import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { on, relation } from '@juju/charm-helpers-ts/testing';
import { fromPem } from './support/abstract-bag';
import { easyRsaMissing, Provider, type Remote } from './support/provider';

if (easyRsaMissing !== null) console.warn(`SKIPPED: crashes of the real easy-rsa are not tried: ${easyRsaMissing}`);
const describeWithEasyRsa = easyRsaMissing === null ? describe : describe.skip;

jest.setTimeout(120_000);

const asking = (sans: readonly string[]): Readonly<Record<string, Remote>> => ({
  'client:0': { app: 'etcd', bags: { 'etcd/0': { common_name: 'etcd-0', sans: JSON.stringify(sans) } } },
});

const answered = (provider: Provider): readonly string[] =>
  fromPem(provider.bag('client:0')['etcd_0.server.cert'] ?? '').sans;

describeWithEasyRsa('a hook that was killed', () => {
  let provider: Provider;
  beforeEach(async () => {
    provider = await Provider.create();
  });
  afterEach(() => provider.remove());

  test('at any hook-tool call: the same hook again ends with the answer', async () => {
    const changed = on.relationChanged(relation('client:0', { remoteApplication: 'etcd' }), 'etcd/0');
    let killedAt = 0;
    for (let exitCode = 1; exitCode !== 0;) {
      killedAt += 1;
      const outcome = await provider.run(changed, asking([`call-${killedAt}`]), { killAtCall: killedAt });
      exitCode = outcome.exitCode;
    }
    expect(killedAt).toBeGreaterThan(5);
    expect(answered(provider)).toEqual([`call-${killedAt}`]);
  });

  test('while the authority was made: it is made from the start', async () => {
    mkdirSync(join(provider.stateDir, 'pki', 'private'), { recursive: true });
    writeFileSync(join(provider.stateDir, 'pki', 'private', 'ca.key'), 'half');
    const outcome = await provider.run(on.install());
    expect(outcome.status).toEqual({ status: 'active', message: 'Certificate Authority ready.' });
    expect(outcome.applicationVersion).toMatch(/^3\./);
  });

  test('between key and certificate: both are made again', async () => {
    await provider.run(on.updateStatus(), asking(['one']));
    const pki = join(provider.stateDir, 'pki');
    for (const name of readdirSync(join(pki, 'issued'))) rmSync(join(pki, 'issued', name));
    await provider.run(on.updateStatus(), asking(['one']));
    expect(answered(provider)).toEqual(['one']);
  });

  test('between noting a revocation and moving the certificate: the next hook goes on', async () => {
    await provider.run(on.updateStatus(), asking(['one']));
    const pki = join(provider.stateDir, 'pki');
    const before = join(provider.stateDir, 'before');
    cpSync(join(pki, 'issued'), before, { recursive: true });
    await provider.run(on.updateStatus(), asking(['two']));
    cpSync(before, join(pki, 'issued'), { recursive: true });
    const outcome = await provider.run(on.updateStatus(), asking(['two']));
    expect(outcome.exitCode).toBe(0);
    expect(answered(provider)).toEqual(['two']);
    expect(readdirSync(join(pki, 'issued')).filter((name) => name.startsWith('server-'))).toHaveLength(1);
  });

  test('keys are readable by their owner only, and no key stands in an argument of a hook tool', async () => {
    const outcome = await provider.run(on.updateStatus(), asking(['one']));
    const keys = readdirSync(join(provider.stateDir, 'pki', 'private'));
    expect(keys.length).toBeGreaterThan(2);
    for (const name of keys) {
      expect([name, (statSync(join(provider.stateDir, 'pki', 'private', name)).mode & 0o777).toString(8)]).toEqual([
        name,
        '600',
      ]);
    }
    expect(JSON.stringify(outcome.calls.map(({ args }) => args))).not.toContain('PRIVATE KEY');
  });
});
