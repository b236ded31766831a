import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { unitName, type RelationBag, type RelationTools } from '@juju/charm-helpers-ts';
import type { CertificateRequest } from '../../src/domain/observed';
import { answerProblem } from '../../src/domain/plan-tls';
import { CsrCertificateAuthority } from '../../src/ports/certificate-authority-csr';
import { makePaths } from '../../src/ports/paths';
import { makeSigningKey } from '../../src/ports/signing-key';
import { SigningRequests } from '../../src/ports/signing-requests';
import { goldenLines, hasGolden } from '../support/golden';
import { jsonOf } from '../support/json-of';
import { TestAuthority } from '../support/pki';
import { PrivateMachine } from '../support/private-machine';
import { RecordedSigning } from '../support/recorded-signing';

// Keys are made for each test; a loaded machine takes its time.
jest.setTimeout(60_000);

const now = Date.now();
const request: CertificateRequest = { commonName: '10.0.0.5', sans: ['10.0.0.5', 'fd00::1', 'host'] };
const relationId = 'certificates:1';

/** The own unit's and the provider's application bag of one relation. Only what the adapter asks for. */
class Relation {
  own: Record<string, string> = {};
  provider: Record<string, string> = {};
  /** Set: the hook fails, so that what it wrote is dropped. */
  dropping = false;

  tools(): RelationTools {
    const unused = (): Promise<never> => Promise.reject(new Error('not part of this dialect'));
    return {
      relationIds: unused,
      relationModelGet: unused,
      relationListApplication: () => Promise.resolve('provider'),
      relationList: () => Promise.resolve([]),
      relationGet: ({ unit, application } = {}) => {
        if (unit === 'etcd/0') return Promise.resolve({ ...this.own } satisfies RelationBag);
        return application === 'provider' ? Promise.resolve({ ...this.provider }) : unused();
      },
      relationSet: (values) => {
        for (const [key, value] of Object.entries(values)) if (!this.dropping) this.own[key] = value ?? '';
        return Promise.resolve();
      },
    };
  }

  /** CSRs in the own bag. */
  sent(): string[] {
    const list = jsonOf<{ certificate_signing_request: string; ca: boolean }[]>(
      this.own['certificate_signing_requests'] ?? '[]',
    );
    // A provider ignores the whole bag where an entry has no `ca`.
    expect(list.map(({ ca }) => ca)).toEqual(list.map(() => false));
    return list.map((entry) => entry.certificate_signing_request);
  }
}

interface Entry {
  readonly certificate_signing_request: string;
  readonly certificate: string;
  readonly ca: string;
  readonly chain: readonly string[];
  readonly revoked?: boolean;
}

let machine: PrivateMachine;
let relation: Relation;
let authority: CsrCertificateAuthority;
let requestFile: string;

beforeEach(async () => {
  machine = await PrivateMachine.create();
  relation = new Relation();
  authority = adapter();
  requestFile = join(makePaths(machine.root).pki.requests, 'own.json');
});
afterEach(() => machine.remove());

/** As in another hook. */
const adapter = (make = makeSigningKey): CsrCertificateAuthority =>
  new CsrCertificateAuthority(
    relation.tools(),
    unitName('etcd/0'),
    new SigningRequests(machine.files, makePaths(machine.root), { now: () => now }, make),
  );

/** The keys behind the CSRs, in the order in which they were sent. */
async function keys(): Promise<{ readonly server: string; readonly client: string }> {
  const kept = jsonOf<{ server: { key: string }; client: { key: string } }>(
    (await machine.files.read(requestFile)) ?? '{}',
  );
  return { server: kept.server.key, client: kept.client.key };
}

/** Answers both CSRs as the provider does: the CSR without its last newline, `chain` from the leaf to the authority. */
async function answered(
  ca: TestAuthority,
  change: { readonly sans?: readonly string[]; readonly above?: readonly TestAuthority[] } = {},
): Promise<[Entry, Entry]> {
  const { server, client } = await keys();
  const [serverCsr = '', clientCsr = ''] = relation.sent();
  const above = [ca, ...(change.above ?? [])].map((one) => one.certificate.trim());
  const entry = (csr: string, certificate: string): Entry => ({
    ca: above.at(-1) ?? '',
    certificate_signing_request: csr,
    certificate: certificate.trim(),
    chain: [certificate.trim(), ...above],
  });
  const names = { ...request, ...change };
  return [
    entry(serverCsr, ca.issue({ ...names, usages: [], key: server }).certificate),
    entry(clientCsr, ca.issue({ commonName: 'client', usages: [], key: client }).certificate),
  ];
}

/** forge writes other line ends. */
const unix = (pem: string): string => pem.replaceAll('\r', '');

const give = (...entries: readonly Entry[]): void => {
  relation.provider['certificates'] = JSON.stringify(entries);
};

const problem = async (): Promise<string | null> => {
  const answer = await adapter().answer(relationId);
  return answer === null ? 'nothing' : (answerProblem(answer, request, now)?.why ?? null);
};

describe('asking', () => {
  test('two requests with keys of this unit, readable by openssl, and the keys nowhere but in a file of root', async () => {
    expect(await authority.request(relationId)).toBeNull();
    await authority.ask(relationId, request, null);
    expect(await authority.request(relationId)).toEqual(request);
    const printed = relation
      .sent()
      .map((csr) =>
        execFileSync('openssl', ['req', '-noout', '-text', '-verify'], { input: csr, encoding: 'utf8', stdio: 'pipe' }),
      );
    expect(printed[0]).toMatch(/Subject: CN ?= ?10\.0\.0\.5/);
    expect(printed[0]).toMatch(/DNS:host/);
    expect(printed[0]).toMatch(/IP Address:10\.0\.0\.5, IP Address:FD00:0:0:0:0:0:0:1/);
    expect(printed[0]).toMatch(/TLS Web Server Authentication, TLS Web Client Authentication/);
    expect(printed[1]).toMatch(/Subject: CN ?= ?client/);
    expect(printed[1]).not.toMatch(/Server Authentication|Alternative Name/);
    expect(JSON.stringify(relation.own)).not.toContain('PRIVATE');
    expect(statSync(requestFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(requestFile, '..')).mode & 0o777).toBe(0o700);
    for (const key of Object.values(await keys())) expect(createPrivateKey(key).asymmetricKeyType).toBe('rsa');
  });

  test('a hook that fails after the keys were made: the next one sends the same', async () => {
    relation.dropping = true;
    await authority.ask(relationId, request, null);
    const made = await machine.files.read(requestFile);
    expect(await adapter().request(relationId)).toBeNull();
    relation.dropping = false;
    await adapter().ask(relationId, request, null);
    expect(await machine.files.read(requestFile)).toBe(made);
    expect(await adapter().request(relationId)).toEqual(request);
  });

  test('other names, and a request that is to be replaced, get other keys, and the old CSRs go; carried out twice as once', async () => {
    await authority.ask(relationId, request, null);
    const first = relation.sent();
    const signing = await authority.signing(relationId);
    await adapter().ask(relationId, request, signing?.id ?? '');
    const second = relation.sent();
    expect(second).toHaveLength(2);
    expect(first.filter((csr) => second.includes(csr))).toEqual([]);
    const renewed = await machine.files.read(requestFile);
    await adapter().ask(relationId, request, signing?.id ?? '');
    expect(await machine.files.read(requestFile)).toBe(renewed);
    await adapter().ask(relationId, { ...request, sans: ['10.0.0.5'] }, null);
    expect(relation.sent().filter((csr) => second.includes(csr))).toEqual([]);
    expect(await adapter().request(relationId)).toEqual({ ...request, sans: ['10.0.0.5'] });
  });

  test.each(['', '{', '{"commonName": 1}'])('a file of requests with %j in it is made anew', async (text) => {
    await authority.ask(relationId, request, null);
    await machine.files.writeAtomic(requestFile, text, { mode: 0o600 });
    expect(await adapter().request(relationId)).toBeNull();
    await adapter().ask(relationId, request, null);
    expect(await adapter().request(relationId)).toEqual(request);
  });
});

describe('what is given', () => {
  const [ca, other] = [new TestAuthority('one'), new TestAuthority('other')];

  beforeEach(() => authority.ask(relationId, request, null));

  test('without key usage, in another order, among those of others: it is the one that was asked for', async () => {
    const [server, client] = await answered(ca);
    const foreign = { ...server, certificate_signing_request: 'of another unit' };
    give(foreign, client, server, foreign);
    const answer = await authority.answer(relationId);
    expect(answer).toMatchObject({
      ca: { commonName: 'one', isCa: true },
      server: { commonName: '10.0.0.5', sans: request.sans, serverAuth: true, clientAuth: true, keyMatches: true },
      client: { commonName: 'client', clientAuth: true, keyMatches: true, signedByCa: true },
      revoked: false,
    });
    expect(await problem()).toBeNull();
    const fingerprints = {
      ca: answer?.ca?.fingerprint ?? '',
      server: answer?.server?.fingerprint ?? '',
      client: answer?.client?.fingerprint ?? '',
    };
    const material = authority.material(fingerprints);
    expect(material).toMatchObject({ ca: unix(ca.certificate) });
    expect(material?.serverCertificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    expect(material?.serverKey).toBe(`${(await keys()).server}\n`);
    expect(authority.material({ ...fingerprints, client: 'f' })).toBeNull();
  });

  test('the CSR is matched whatever its line ends', async () => {
    const [server, client] = await answered(ca);
    give(
      { ...server, certificate_signing_request: `${server.certificate_signing_request}\n` },
      { ...client, certificate_signing_request: client.certificate_signing_request.replaceAll('\n', '\r\n') },
    );
    expect(await problem()).toBeNull();
  });

  test('an authority below another: the whole chain is trusted, and sent with the certificate', async () => {
    const below = new TestAuthority('below', ca);
    give(...(await answered(below, { above: [ca] })));
    const answer = await authority.answer(relationId);
    expect(answer).toMatchObject({ ca: { commonName: 'below' }, server: { signedByCa: true } });
    const fingerprint = (one: 'ca' | 'server' | 'client'): string => answer?.[one]?.fingerprint ?? '';
    const material = authority.material({
      ca: fingerprint('ca'),
      server: fingerprint('server'),
      client: fingerprint('client'),
    });
    expect(material?.ca).toBe(unix(below.certificate) + unix(ca.certificate));
    expect(material?.serverCertificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(await problem()).toBeNull();
  });

  test.each([
    ['only one of the two', (entries: Entry[]) => entries.slice(0, 1), 'the client certificate is not there yet'],
    ['none of ours', () => [], 'nothing'],
    [
      'signed by another authority than it names',
      (entries: Entry[]) => entries.map((entry) => ({ ...entry, ca: other.certificate, chain: [] })),
      'is not signed by the CA',
    ],
    [
      'one of the two by another authority (one takes over from the other)',
      ([server, client]: Entry[]) => [server, { ...client, ca: other.certificate, chain: [] }],
      'the client certificate is not there yet',
    ],
    [
      'one for the other',
      ([server, client]: Entry[]) => [server, { ...client, certificate: server?.certificate }],
      'the client certificate does not belong to its private key',
    ],
    ['rubbish', (entries: Entry[]) => entries.map((entry) => ({ ...entry, certificate: 'rubbish' })), 'cannot be read'],
    [
      'no texts at all',
      (entries: Entry[]) => entries.map((entry) => ({ ...entry, ca: 1, certificate: null, chain: 'x' })),
      'cannot be read',
    ],
  ])('%s', async (_what, change, why) => {
    const entries = change(await answered(ca)) as readonly Entry[];
    give(...entries);
    expect(await problem()).toContain(why);
  });

  test('without a name that was asked for', async () => {
    give(...(await answered(ca, { sans: ['10.0.0.5', 'host'] })));
    expect(await problem()).toBe('the server certificate does not name fd00::1');
  });

  test('what is no list is unknown, not absent', async () => {
    relation.provider['certificates'] = '{"a": 1}';
    await expect(authority.answer(relationId)).rejects.toThrow('is no JSON list');
  });

  test('revoked: told as such, and one that replaces it for the same CSR counts', async () => {
    const [server, client] = await answered(ca);
    give({ ...server, revoked: true }, client);
    expect(await authority.answer(relationId)).toMatchObject({ revoked: true });
    const [again] = await answered(ca);
    give(again, client, { ...server, revoked: true });
    expect(await authority.answer(relationId)).toMatchObject({ revoked: false });
    expect(await problem()).toBeNull();
  });
});

describe('one more client certificate', () => {
  const named: CertificateRequest = { commonName: 'app', sans: ['app.example.com'] };

  test('asked beside the own ones, pending, answered, revoked, asked anew; the own ones stay', async () => {
    const ca = new TestAuthority();
    await authority.ask(relationId, request, null);
    const own = relation.sent();
    expect(await authority.clientAnswer(relationId, named)).toEqual({ state: 'not-asked' });
    await adapter().askClient(relationId, named, null);
    await adapter().askClient(relationId, named, null);
    const [, , csr = '', ...more] = relation.sent();
    expect([relation.sent().slice(0, 2), more]).toEqual([own, []]);
    expect(await authority.clientAnswer(relationId, named)).toEqual({ state: 'pending' });
    expect(await authority.clientAnswer(relationId, { ...named, sans: [] })).toEqual({ state: 'not-asked' });

    const [file = ''] = ((await machine.files.list(join(requestFile, '..'))) ?? []).filter((name) =>
      name.startsWith('client-'),
    );
    const path = join(requestFile, '..', file);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { key } = jsonOf<{ client: { key: string } }>((await machine.files.read(path)) ?? '').client;
    const { certificate } = ca.issue({ ...named, usages: [], key });
    const entry: Entry = { ca: ca.certificate, certificate_signing_request: csr, certificate, chain: [] };
    give(entry);
    const answer = await authority.clientAnswer(relationId, named);
    expect(answer).toMatchObject({
      state: 'answered',
      facts: { commonName: 'app', sans: ['app.example.com'], keyMatches: true, signedByCa: true },
      material: { key: `${key}\n` },
    });
    give({ ...entry, revoked: true });
    const revoked = await authority.clientAnswer(relationId, named);
    expect(revoked.state).toBe('revoked');
    const id = revoked.state === 'revoked' ? revoked.signing.id : '';
    await adapter().askClient(relationId, named, id);
    expect(relation.sent().slice(0, 2)).toEqual(own);
    expect(relation.sent()).not.toContain(csr);
    expect(await adapter().clientAnswer(relationId, named)).toEqual({ state: 'pending' });
    // Renewing the own ones leaves it alone.
    const before = relation.sent().slice(2);
    await adapter().ask(relationId, request, (await authority.signing(relationId))?.id ?? '');
    expect(relation.sent().slice(2)).toEqual(before);
  });
});

interface RecordedHook {
  readonly scenario: string;
  readonly seq: number;
  readonly relationSet: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string | null>>>>>>;
}

const recorded = hasGolden('partners/self-signed.jsonl');
(recorded ? describe : describe.skip)('bags that the genuine self-signed-certificates wrote', () => {
  const signing = new RecordedSigning();
  const hooks = recorded ? goldenLines<RecordedHook>('partners/self-signed.jsonl') : [];
  // What etcd/0 asked for in the recording; as the second request stands that of etcd/1.
  const asked: CertificateRequest = { commonName: 'etcd-0', sans: ['10.99.0.20', '127.0.0.1', 'etcd-0', 'localhost'] };

  async function judged(seq: number, csr = 'r1', scenario = 'main', second = 'r2') {
    const [server, client] = [await signing.key(csr), await signing.key(second)];
    const port = adapter((wanted) => Promise.resolve(wanted.commonName === 'client' ? client : server));
    await port.ask(relationId, asked, null);
    for (const hook of hooks.filter((one) => one.scenario === scenario && one.seq <= seq)) {
      const text = hook.relationSet['certificates:0']?.['self-signed-certificates']?.['certificates'];
      if (text === null) delete relation.provider['certificates'];
      else if (text !== undefined) relation.provider['certificates'] = await signing.expand(text);
    }
    const answer = await port.answer(relationId);
    return { answer, problem: answer === null ? 'nothing' : (answerProblem(answer, asked, now)?.why ?? null) };
  }

  test('nothing before the first change, then each CSR its own answer, one event after the other', async () => {
    expect((await judged(6)).problem).toBe('nothing');
    expect((await judged(7)).problem).toBe('the client certificate is not there yet');
    const { answer, problem: wrong } = await judged(11);
    expect(wrong).toBeNull();
    expect(answer).toMatchObject({
      ca: { commonName: 'self-signed-certificates-operator', isCa: true },
      server: { commonName: 'etcd-0', sans: asked.sans, serverAuth: true, clientAuth: true, keyMatches: true },
      client: { commonName: 'etcd-1', keyMatches: true, signedByCa: true },
      revoked: false,
    });
  });

  test('the hook that makes the authority issues nothing: the answer comes one event late', async () => {
    for (const seq of [3, 4, 5]) expect((await judged(seq, 'r1', 'request-first')).problem).toBe('nothing');
    expect((await judged(6, 'r1', 'request-first')).problem).toBe('the client certificate is not there yet');
  });

  test('another CSR in place of the first: the answer to the first is gone, the other has its own', async () => {
    const before = await judged(12);
    expect(before.problem).toBeNull();
    const replaced = await judged(13);
    expect(replaced.answer).toMatchObject({ server: null });
    await machine.files.remove(requestFile);
    const after = await judged(13, 'r4');
    expect(after.problem).toBeNull();
    expect(after.answer?.server?.sans).toContain('more.example.com');
    expect(after.answer?.server?.fingerprint).not.toBe(before.answer?.server?.fingerprint);
  });

  test.each([19, 21, 25, 27, 37])(
    'a request that was withdrawn or spoiled [%d]: its certificate is taken out',
    async (seq) => {
      const { answer, problem: wrong } = await judged(seq, 'r4');
      expect([answer?.client, wrong]).toEqual([null, 'the client certificate is not there yet']);
    },
  );

  test('another authority: all revoked first, and given anew for the same CSRs one event later', async () => {
    const before = await judged(45, 'r4', 'main', 'r3');
    expect([before.problem, before.answer?.revoked]).toEqual([null, false]);
    const revoked = await judged(46, 'r4', 'main', 'r3');
    expect(revoked.answer?.revoked).toBe(true);
    expect(revoked.answer?.server?.fingerprint).toBe(before.answer?.server?.fingerprint);
    const after = await judged(47, 'r4', 'main', 'r3');
    expect([after.problem, after.answer?.revoked]).toEqual([null, false]);
    expect(after.answer?.ca).toMatchObject({ commonName: 'new-ca' });
    expect(after.answer?.server?.fingerprint).not.toBe(before.answer?.server?.fingerprint);
  });
});
