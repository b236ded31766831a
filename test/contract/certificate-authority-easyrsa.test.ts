import { unitName } from '@juju/charm-helpers-ts';
import { answerProblem } from '../../src/domain/plan-tls';
import type { CertificateRequest } from '../../src/domain/observed';
import { EasyrsaCertificateAuthority } from '../../src/ports/certificate-authority-easyrsa';
import { CertificatesRelation } from '../support/certificates-relation';
import { goldenLines, hasGolden } from '../support/golden';
import { TestAuthority } from '../support/pki';
import { RecordedCertificates } from '../support/recorded-certificates';

// Keys are made for each test; a loaded machine takes its time.
jest.setTimeout(60_000);

interface RecordedHook {
  readonly scenario: string;
  readonly seq: number;
  readonly remote: Readonly<Record<string, { readonly data: Readonly<Record<string, Record<string, string>>> }>>;
  readonly relationSet: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string | null>>>>>>;
}

const now = Date.now();

describe('the easyrsa dialect', () => {
  test('a request is written as the Python charm did, and reads back', async () => {
    const relation = new CertificatesRelation();
    const authority = new EasyrsaCertificateAuthority(relation.tools(), unitName('etcd/0'));
    expect(await authority.request('certificates:1')).toBeNull();
    await authority.ask('certificates:1', { commonName: '10.0.0.5', sans: ['host', '10.0.0.5', '127.0.0.1'] });
    expect(relation.own).toEqual({
      unit_name: 'etcd_0',
      common_name: '10.0.0.5',
      sans: '["10.0.0.5","127.0.0.1","host"]',
      certificate_name: 'etcd_0',
    });
    expect(await authority.request('certificates:1')).toEqual({
      commonName: '10.0.0.5',
      sans: ['10.0.0.5', '127.0.0.1', 'host'],
    });
  });

  test('nothing there is no answer, and the CA alone is a part of one', async () => {
    const relation = new CertificatesRelation();
    const authority = new EasyrsaCertificateAuthority(relation.tools(), unitName('etcd/0'));
    expect(await authority.answer('certificates:1')).toBeNull();
    relation.provider = { ca: new TestAuthority().certificate };
    const answer = await authority.answer('certificates:1');
    expect(answer).toMatchObject({
      ca: { isCa: true, keyMatches: null, unreadable: null },
      server: null,
      client: null,
    });
  });

  test.each([
    ['a key of another certificate', { 'etcd_0.server.key': 'other' }, 'does not belong to its private key'],
    ['no key', { 'etcd_0.server.key': '' }, 'does not belong to its private key'],
    ['a certificate of another CA', { ca: 'other' }, 'is not signed by the CA that came with it'],
    ['expired', { 'etcd_0.server.cert': 'expired' }, 'expired on'],
    ['not for servers', { 'etcd_0.server.cert': 'client' }, 'extended key usage'],
    ['no certificate', { 'etcd_0.server.cert': 'hello' }, 'cannot be read'],
    ['half a certificate', { 'etcd_0.server.cert': 'half' }, 'cannot be read'],
  ])('refused: %s', async (_, change, why) => {
    const [ca, other] = [new TestAuthority(), new TestAuthority('other')];
    const request: CertificateRequest = { commonName: '10.0.0.5', sans: ['10.0.0.5'] };
    const server = ca.issue(request);
    const client = ca.issue({ commonName: 'client', usages: ['clientAuth'] });
    const values: Record<string, string> = {
      ca: ca.certificate,
      'etcd_0.server.cert': server.certificate,
      'etcd_0.server.key': server.key,
      'client.cert': client.certificate,
      'client.key': client.key,
    };
    const relation = new CertificatesRelation();
    relation.provider = { ...values };
    const authority = new EasyrsaCertificateAuthority(relation.tools(), unitName('etcd/0'));
    const good = await authority.answer('certificates:1');
    expect(good === null ? 'nothing' : answerProblem(good, request, now)).toBeNull();

    const expired = ca.issue({ ...request, days: -1 });
    const clientOnly = ca.issue({ ...request, usages: ['clientAuth'] });
    const replaced: Record<string, Record<string, string>> = {
      expired: { 'etcd_0.server.cert': expired.certificate, 'etcd_0.server.key': expired.key },
      client: { 'etcd_0.server.cert': clientOnly.certificate, 'etcd_0.server.key': clientOnly.key },
      half: { 'etcd_0.server.cert': server.certificate.slice(0, 300) },
    };
    for (const [key, value] of Object.entries(change)) {
      if (value === 'other') values[key] = key === 'ca' ? other.certificate : client.key;
      else Object.assign(values, replaced[value] ?? { [key]: value });
    }
    relation.provider = values;
    const bad = await authority.answer('certificates:1');
    expect(bad === null ? '' : answerProblem(bad, request, now)?.why).toContain(why);
  });

  test('material is handed out only for the fingerprints that were judged', async () => {
    const ca = new TestAuthority();
    const relation = new CertificatesRelation();
    const authority = new EasyrsaCertificateAuthority(relation.tools(), unitName('etcd/0'));
    const server = ca.issue({ commonName: 'one', sans: ['10.0.0.5', 'fd00::1'] });
    const client = ca.issue({ commonName: 'client', usages: ['clientAuth'] });
    relation.provider = {
      ca: ca.certificate,
      'etcd_0.server.cert': `Certificate:\n    Data:\n${server.certificate}`,
      'etcd_0.server.key': server.key,
      'client.cert': client.certificate,
      'client.key': client.key,
    };
    const answer = await authority.answer('certificates:1');
    expect(answer?.server?.sans).toEqual(['10.0.0.5', 'fd00::1']);
    const fingerprints = {
      ca: answer?.ca?.fingerprint ?? '',
      server: answer?.server?.fingerprint ?? '',
      client: answer?.client?.fingerprint ?? '',
    };
    const material = authority.material(fingerprints);
    expect(material?.serverCertificate.startsWith('-----BEGIN CERTIFICATE-----')).toBe(true);
    expect(material?.serverKey).toBe(server.key);
    expect(authority.material({ ...fingerprints, server: 'f'.repeat(64) })).toBeNull();
  });
});

const recorded = hasGolden('partners/easyrsa.jsonl');
(recorded ? describe : describe.skip)('bags that the genuine easyrsa wrote', () => {
  const certificates = new RecordedCertificates();
  const hooks = recorded ? goldenLines<RecordedHook>('partners/easyrsa.jsonl') : [];

  /** The own and the provider's bag of `etcd/0` on `client:0` after a hook of a scenario. */
  function after(scenario: string, seq: number): CertificatesRelation {
    const relation = new CertificatesRelation();
    for (const hook of hooks.filter((one) => one.scenario === scenario && one.seq <= seq)) {
      relation.own = { ...hook.remote['client:0']?.data['etcd/0'] };
      for (const bag of Object.values(hook.relationSet['client:0'] ?? {})) {
        for (const [key, value] of Object.entries(bag)) {
          if (value === null) delete relation.provider[key];
          else relation.provider[key] = value;
        }
      }
    }
    for (const suffix of ['cert', 'key']) {
      for (const [key, value] of Object.entries(relation.provider)) {
        if (key === 'ca' || key.endsWith(`.${suffix}`)) relation.provider[key] = certificates.expand(value);
      }
    }
    return relation;
  }

  async function judged(scenario: string, seq: number) {
    const authority = new EasyrsaCertificateAuthority(after(scenario, seq).tools(), unitName('etcd/0'));
    const [request, answer] = await Promise.all([authority.request('client:0'), authority.answer('client:0')]);
    const problem = request === null || answer === null ? null : answerProblem(answer, request, now);
    return { request, answer, problem };
  }

  test('CA and client certificate come before the server certificate', async () => {
    const { answer } = await judged('main', 6);
    expect(answer).toMatchObject({
      ca: { commonName: '10.99.0.10', isCa: true },
      server: null,
      client: { commonName: 'client', clientAuth: true, serverAuth: false, keyMatches: true, signedByCa: true },
    });
  });

  test('the server certificate, with a text dump in front, is what was asked for', async () => {
    const { request, answer, problem } = await judged('main', 7);
    expect(request).toEqual({ commonName: '10.99.0.20', sans: ['10.99.0.20', '127.0.0.1', 'etcd-0', 'localhost'] });
    expect(answer?.server).toMatchObject({
      commonName: '10.99.0.20',
      sans: ['10.99.0.20', '127.0.0.1', 'etcd-0', 'localhost'],
      serverAuth: true,
      clientAuth: true,
      keyMatches: true,
      signedByCa: true,
    });
    expect(problem).toBeNull();
  });

  test('re-issued for changed SANs: another certificate, good again', async () => {
    const [before, later] = [await judged('main', 7), await judged('main', 12)];
    expect(later.answer?.server?.fingerprint).not.toBe(before.answer?.server?.fingerprint);
    expect(later.answer?.server?.sans).toContain('etcd.example.com');
    expect(later.problem).toBeNull();
  });

  test('the stale answer: asked for X again, the bag holds the certificate of Y for good', async () => {
    for (const [scenario, seq, has, wanted] of [
      ['extra', 21, 'Y', 'X'],
      ['extra', 22, 'Y', 'X'],
      ['main', 24, '10.99.0.99', '10.99.0.20'],
    ] as const) {
      const { request, answer, problem } = await judged(scenario, seq);
      expect([request?.commonName, answer?.server?.commonName]).toEqual([wanted, has]);
      expect(problem).toEqual({
        stale: true,
        why: `the server certificate is for ${has}, and ${wanted} was asked for`,
      });
    }
  });

  test('the endless re-issue: each hook another certificate, taken only when it has the names asked for', async () => {
    const rounds = [await judged('extra', 10), await judged('extra', 11), await judged('extra', 12)];
    expect(new Set(rounds.map(({ answer }) => answer?.server?.fingerprint)).size).toBe(3);
    expect(rounds.map(({ problem }) => problem?.why ?? null)).toEqual([
      'the server certificate does not name one',
      null,
      'the server certificate does not name one',
    ]);
  });

  test('a request without SANs is answered for its common name', async () => {
    const { request, answer, problem } = await judged('extra', 7);
    expect(request?.sans).toEqual([]);
    expect(answer?.server?.sans).toEqual(['10.99.0.20']);
    expect(problem).toBeNull();
  });
});
