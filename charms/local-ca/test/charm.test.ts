import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { on, relation } from '@juju/charm-helpers-ts/testing';
import { plan } from '../src/plan';
import type { Entry } from '../src/entries';
import { Provider, type Remote } from './support/provider';
import { asking, fits, fromPem, signingRequest } from './support/requester';

jest.setTimeout(60_000);

const [one, two] = [signingRequest('one', ['one.example.com', '10.0.0.1'], true), signingRequest('two')];
const related = (...csrs: readonly string[]): Record<string, Remote> => ({
  'certificates:0': { app: 'etcd', bags: { 'etcd/0': asking(...csrs) } },
});
const here = relation('certificates:0', { remoteApplication: 'etcd', remoteUnits: { 'etcd/0': {} } });
const names = (provider: Provider): string[] =>
  provider.entries().map(({ certificate }) => fromPem(certificate).commonName);
const usages = ({ certificate }: Entry): readonly string[] | undefined => new X509Certificate(certificate).keyUsage;

let provider: Provider;
beforeEach(async () => {
  provider = await Provider.create();
});
afterEach(() => {
  provider.remove();
});

test('requests are answered at once, each once; withdrawn ones are taken out', async () => {
  await provider.run(on.relationJoined(here, 'etcd/0'), related(one));
  const [first] = provider.entries();
  expect(first?.certificate_signing_request).toBe(one.trim());
  expect(fromPem(first?.certificate ?? '')).toMatchObject({
    commonName: 'one',
    sans: ['one.example.com', '10.0.0.1'],
    days: 90,
  });
  expect(fits(first?.certificate ?? '', first?.ca ?? '')).toBe(true);
  expect(first && usages(first)).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  expect((await provider.run(on.updateStatus(), related(one))).wrote).toBe(false);
  await provider.run(on.relationChanged(here, 'etcd/0'), related(one, two));
  expect(provider.entries()[0]).toEqual(first);
  expect(names(provider)).toEqual(['one', 'two']);
  await provider.run(on.relationChanged(here, 'etcd/0'), related(two));
  expect(names(provider)).toEqual(['two']);
});

test('the key of the authority is in a file of root alone, and in no bag, argument or log', async () => {
  const after = await provider.run(on.relationChanged(here, 'etcd/0'), related(one));
  expect(statSync(join(provider.stateDir, 'authority.pem')).mode & 0o777).toBe(0o600);
  expect(statSync(provider.stateDir).mode & 0o777).toBe(0o700);
  expect(JSON.stringify([after.relations, after.calls, after.logs])).not.toContain('PRIVATE');
});

test('a request that cannot be signed is skipped and told, and the others are answered', async () => {
  const after = await provider.run(on.relationChanged(here, 'etcd/0'), related('not a csr', one));
  expect([after.exitCode, names(provider)]).toEqual([0, ['one']]);
  expect(after.status).toEqual({ status: 'active', message: 'Skipped: a request that cannot be signed' });
});

test('one that leads later has no authority, and makes no second one', async () => {
  await provider.run(on.relationChanged(here, 'etcd/0'), related(one));
  const other = await Provider.create();
  try {
    other.bags = provider.bags;
    const after = await other.run(on.updateStatus(), related(one), 'local-ca/1');
    expect([after.wrote, after.status.status]).toEqual([false, 'blocked']);
    other.leader = false;
    expect((await other.run(on.updateStatus(), related(one, two))).status.status).toBe('blocked');
  } finally {
    other.remove();
  }
});

describe('faults', () => {
  test('late: nothing at joined, and nothing in the hook that makes the authority', async () => {
    provider.config = { 'fault-late-answer': true };
    for (const event of [on.relationJoined(here, 'etcd/0'), on.relationChanged(here, 'etcd/0')])
      expect([(await provider.run(event, related(one))).wrote, names(provider)]).toEqual([false, []]);
    await provider.run(on.updateStatus(), related(one));
    expect(names(provider)).toEqual(['one']);
  });

  test('revoked until the fault is off, then signed anew', async () => {
    await provider.run(on.relationChanged(here, 'etcd/0'), related(one));
    const [before] = provider.entries();
    provider.config = { 'fault-revoke': true };
    await provider.run(on.configChanged(), related(one, two));
    expect(provider.entries()).toEqual([{ ...before, revoked: true }]);
    provider.config = {};
    await provider.run(on.configChanged(), related(one, two));
    expect([names(provider), provider.entries().map(({ revoked }) => revoked)]).toEqual([
      ['one', 'two'],
      [undefined, undefined],
    ]);
    expect(provider.entries()[0]?.certificate).not.toBe(before?.certificate);
  });

  test('without key usage', async () => {
    provider.config = { 'fault-without-key-usage': true };
    await provider.run(on.relationChanged(here, 'etcd/0'), related(one));
    expect(provider.entries().map(usages)).toEqual([undefined]);
  });

  test('short validity, and one that cannot be read', async () => {
    provider.config = { 'certificate-validity': '90s' };
    await provider.run(on.relationChanged(here, 'etcd/0'), related(one));
    const { validFrom, validTo } = new X509Certificate(provider.entries()[0]?.certificate ?? '');
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(90_000);
    provider.config = { 'certificate-validity': 'long' };
    expect((await provider.run(on.configChanged(), related(one))).status.status).toBe('blocked');
  });

  test('another authority: at once where answers are not late', async () => {
    await provider.run(on.relationChanged(here, 'etcd/0'), related(one));
    provider.config = { 'ca-common-name': 'other' };
    await provider.run(on.configChanged(), related(one));
    expect(provider.entries().map(({ certificate }) => fromPem(certificate).issuer)).toEqual(['other']);
  });
});

describe('what becomes of a relation in which a was withdrawn, b answered, c not, and r revoked', () => {
  const entry = (csr: string): Entry => ({ certificate_signing_request: csr, ca: '', certificate: '', chain: [] });
  const revoked = (csr: string): Entry => ({ ...entry(csr), revoked: true });
  const requests = ['b', 'c', 'r', 'b'].map((csr) => ({ csr, ca: false }));

  test.each([
    ['sign', [entry('b')], ['c', 'r']],
    ['nothing', [entry('b'), revoked('r')], []],
    ['revoke', [revoked('b'), revoked('r')], []],
  ] as const)('may %s', (may, keep, sign) => {
    const planned = plan(requests, [entry('a'), entry('b'), revoked('r')], may);
    expect([planned.keep, planned.sign.map(({ csr }) => csr)]).toEqual([keep, sign]);
  });
});
