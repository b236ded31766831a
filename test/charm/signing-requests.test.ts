import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  charmUnderTest,
  on,
  peerRelation,
  relation,
  relationOf,
  runHook,
  state,
  withRelation,
  type CharmUnderTest,
  type HookOutcome,
  type State,
} from '@juju/charm-helpers-ts/testing';
import { Authority } from '../../charms/local-ca/src/authority';
import { readRequests, type Entry } from '../../charms/local-ca/src/entries';
import { createCharm } from '../../src/charm';
import { etcdBinaries } from '../support/etcd-binaries';
import { jsonOf } from '../support/json-of';
import { PrivateMachine } from '../support/private-machine';

// Keys are made and archives unpacked in each test; a loaded machine takes its time.
jest.setTimeout(120_000);

const found = etcdBinaries().find(({ name }) => name.startsWith('3.5.'));
if (found === undefined) console.log('SKIPPED: no release archive of etcd 3.5 here; script/setup makes it');

const certificates = relation('certificates:1', { remoteApplication: 'ca', remoteUnits: { 'ca/0': {} } });
const day = 86_400_000;

let machine: PrivateMachine;
let charm: CharmUnderTest;
let directory: string;
let authority: Authority;

beforeEach(async () => {
  machine = await PrivateMachine.create();
  charm = await charmUnderTest(
    resolve(__dirname, '../..'),
    createCharm(() => machine.wiring()),
  );
  directory = await mkdtemp(join(tmpdir(), 'charm-test-'));
  authority = await Authority.make(directory, 'ca', Date.now());
});
afterEach(async () => {
  await machine.remove();
  await rm(directory, { recursive: true, force: true });
});

const pki = async (name: string): Promise<string | null> =>
  machine.files.read(join(machine.root, 'etc/etcd/pki', name));

/** Installed, related, and asked. */
async function asked(): Promise<HookOutcome> {
  const before = state({
    unit: 'etcd/0',
    leader: true,
    relations: [peerRelation('cluster:0', 'etcd'), certificates],
    resources: { etcd: found?.archive ?? '' },
  });
  return runHook(charm, on.relationJoined(certificates, 'ca/0'), await runHook(charm, on.install(), before));
}

const bagOf = (after: State): Readonly<Record<string, string>> => relationOf(after, 'certificates:1').localUnitBag;

/** What the authority signs for all that the unit asks for; its clock is a minute late, as the unit's may be. */
const signed = (after: State, validity = 90 * day): Entry[] =>
  readRequests(bagOf(after)).map((request) =>
    authority.sign(request, { validity, withoutKeyUsage: true }, Date.now() - 60_000),
  );

/** The hook after the provider wrote its answers. */
async function given(before: State, entries: readonly Entry[]): Promise<HookOutcome> {
  const answered = {
    ...relationOf(before, 'certificates:1'),
    remoteApplicationBag: { certificates: JSON.stringify(entries) },
  };
  return runHook(charm, on.relationChanged(answered), withRelation(before, answered));
}

(found === undefined ? describe.skip : describe)('an authority that signs requests', () => {
  test('both dialects are written until the provider has written, then its own alone is kept up', async () => {
    const first = await asked();
    expect(Object.keys(bagOf(first))).toEqual(
      expect.arrayContaining(['unit_name', 'common_name', 'sans', 'certificate_name', 'certificate_signing_requests']),
    );
    expect(readRequests(bagOf(first))).toHaveLength(2);
    const again = await runHook(charm, on.updateStatus(), first);
    expect(again.calls.filter(({ tool }) => tool === 'relation-set')).toEqual([]);
    expect(again.status.status).toBe('waiting');
  });

  test('an answer that comes late, and in parts, is installed when it is whole; the founding goes on', async () => {
    const before = await asked();
    const [server, client] = signed(before) as [Entry, Entry];
    const half = await given(before, [server]);
    expect([half.exitCode, await pki('server.crt')]).toEqual([0, null]);
    expect(half.status.message).toContain('the client certificate is not there yet');
    const whole = await given(half, [client, server]);
    expect(new X509Certificate((await pki('server.crt')) ?? '').keyUsage).toBeUndefined();
    expect(await pki('ca.crt')).toBe(`${authority.pem}\n`);
    expect(relationOf(whole, 'cluster:0').localApplicationBag['founding']).toBeDefined();
    const next = await runHook(charm, on.relationChanged(relationOf(whole, 'cluster:0')), whole);
    expect(next.exitCode).toBe(0);
    expect(machine.started).toContain('etcd');
  });

  test('no key in bags, arguments, logs, status or the journal', async () => {
    const before = await asked();
    const after = await given(before, signed(before));
    const keys = [await pki('server.key'), await pki('client.key')].map((key) => (key ?? '').split('\n')[1] ?? '');
    expect(keys.map((line) => line.length > 30)).toEqual([true, true]);
    const journal = await machine.files.read(join(machine.root, 'var/log/etcd-charm/steps.jsonl'));
    const seen = [
      journal,
      ...[before, after].flatMap(({ logs, calls, status, relations }) => [
        JSON.stringify([logs, status, relations]),
        JSON.stringify(calls.map(({ args }) => args)),
      ]),
    ].join('\n');
    for (const key of keys) expect(seen).not.toContain(key);
  });

  test('a hook that fails after the keys were made sends the same CSRs when it is tried again', async () => {
    const joined = state({
      unit: 'etcd/0',
      leader: true,
      relations: [peerRelation('cluster:0', 'etcd'), certificates],
      resources: { etcd: found?.archive ?? '' },
    });
    const installed = await runHook(charm, on.install(), { ...joined, relations: [peerRelation('cluster:0', 'etcd')] });
    const before = { ...installed, relations: joined.relations };
    const failing = await runHook(charm, on.relationJoined(certificates, 'ca/0'), before, {
      failing: { 'status-set': 'connection is shut down' },
    });
    expect(failing.exitCode).not.toBe(0);
    const made = await pki('requests/own.json');
    expect(made).not.toBeNull();
    const retried = await runHook(charm, on.relationJoined(certificates, 'ca/0'), before);
    expect((await pki('requests/own.json')) === made).toBe(true);
    const kept = jsonOf<Record<'server' | 'client', { csr: string }>>(made ?? '{}');
    expect(readRequests(bagOf(retried)).map(({ csr }) => csr)).toEqual([kept.server.csr, kept.client.csr]);
  });

  test('revoked before it was used: not installed, said, and asked for anew with other keys after a while', async () => {
    const before = await asked();
    const entries = signed(before);
    const revoked = await given(
      before,
      entries.map((entry) => ({ ...entry, revoked: true })),
    );
    expect(await pki('server.crt')).toBeNull();
    expect(revoked.status).toEqual({
      status: 'waiting',
      message: 'Waiting for certificates: the certificate authority revoked those that it gave',
    });
    expect(bagOf(revoked)).toEqual(bagOf(before));
    machine.pass(601_000);
    const later = await runHook(charm, on.updateStatus(), revoked);
    const csrs = readRequests(bagOf(later)).map(({ csr }) => csr);
    expect(csrs).toHaveLength(2);
    expect(csrs.filter((csr) => entries.some((entry) => entry.certificate_signing_request === csr))).toEqual([]);
    await given(later, signed(later));
    expect(await pki('server.crt')).not.toBeNull();
  });

  test('renewed when a third of the life is left, once; the old ones stay in use until the new ones are there', async () => {
    const before = await asked();
    const running = await given(before, signed(before, 3 * 3_600_000));
    const [certificate, key] = [await pki('server.crt'), await pki('server.key')];
    machine.pass(1.9 * 3_600_000);
    const early = await runHook(charm, on.updateStatus(), running);
    expect(bagOf(early)).toEqual(bagOf(running));
    machine.pass(0.2 * 3_600_000);
    const due = await runHook(charm, on.updateStatus(), early);
    expect(bagOf(due)['certificate_signing_requests']).not.toBe(bagOf(early)['certificate_signing_requests']);
    const waiting = await runHook(charm, on.updateStatus(), due);
    expect(bagOf(waiting)).toEqual(bagOf(due));
    expect([(await pki('server.crt')) === certificate, (await pki('server.key')) === key]).toEqual([true, true]);
    await given(waiting, signed(waiting));
    expect((await pki('server.key')) === key).toBe(false);
    const renewed = new X509Certificate((await pki('server.crt')) ?? '');
    expect(renewed.validTo).not.toBe(new X509Certificate(certificate ?? '').validTo);
  });
});
