import { unitName } from '@juju/charm-helpers-ts';
import { EasyrsaCertificateAuthority } from '../../src/ports/certificate-authority-easyrsa';
import { CertificatesRelation } from '../support/certificates-relation';
import { goldenLines, hasGolden } from '../support/golden';
import { jsonOf } from '../support/json-of';
import { TestAuthority } from '../support/pki';
import { RecordedCertificates } from '../support/recorded-certificates';

// Keys are made for each test; a loaded machine takes its time.
jest.setTimeout(60_000);

const id = 'certificates:1';
const alice = { commonName: 'alice', sans: [] };

function onBothSides(): { readonly relation: CertificatesRelation; readonly authority: EasyrsaCertificateAuthority } {
  const relation = new CertificatesRelation();
  return { relation, authority: new EasyrsaCertificateAuthority(relation.tools(), unitName('etcd/0')) };
}

describe('client certificates with their own name, in the easyrsa dialect', () => {
  test('each name is asked for beside the others and beside the server certificate', async () => {
    const { relation, authority } = onBothSides();
    expect(await authority.clientRequest(id, 'alice')).toBeNull();
    await authority.ask(id, { commonName: '10.0.0.5', sans: ['10.0.0.5'] });
    await authority.askForClient(id, alice);
    await authority.askForClient(id, { commonName: 'bob', sans: ['b.example', 'a.example'] });
    expect(relation.own).toEqual({
      unit_name: 'etcd_0',
      common_name: '10.0.0.5',
      sans: '["10.0.0.5"]',
      certificate_name: 'etcd_0',
      client_cert_requests: '{"alice":{"sans":[]},"bob":{"sans":["a.example","b.example"]}}',
    });
    expect(await authority.clientRequest(id, 'alice')).toEqual(alice);
    expect(await authority.clientRequest(id, 'bob')).toEqual({ commonName: 'bob', sans: ['a.example', 'b.example'] });
  });

  test.each(['', 'no JSON', '[]', '"text"', '{"alice":"text"}'])('a bag with %j holds no request', async (text) => {
    const { relation, authority } = onBothSides();
    relation.own = { client_cert_requests: text };
    expect(await authority.clientRequest(id, 'alice')).toBeNull();
    await authority.askForClient(id, alice);
    expect(await authority.clientRequest(id, 'alice')).toEqual(alice);
  });

  test.each(['', 'no JSON', '[]', '{"alice":null}', '{"alice":{"cert":1}}', '{"bob":{"cert":"x","key":"y"}}'])(
    'a bag with %j holds no answer',
    async (text) => {
      const { relation, authority } = onBothSides();
      relation.provider = { 'etcd_0.processed_client_requests': text };
      expect(await authority.clientAnswer(id, alice)).toBeNull();
    },
  );

  test('material is handed out only for the fingerprint that was judged', async () => {
    const ca = new TestAuthority();
    const [issued, other] = ['alice', 'bob'].map((commonName) => ca.issue({ commonName, usages: ['clientAuth'] }));
    const { relation, authority } = onBothSides();
    relation.provider = {
      ca: ca.certificate,
      'etcd_0.processed_client_requests': JSON.stringify({
        alice: { cert: `Certificate:\n    Data:\n${issued?.certificate}`, key: issued?.key },
        bob: { cert: other?.certificate, key: issued?.key },
      }),
    };
    const answer = await authority.clientAnswer(id, alice);
    expect(answer?.client).toMatchObject({ commonName: 'alice', keyMatches: true, signedByCa: true, clientAuth: true });
    expect(answer?.ca?.isCa).toBe(true);
    const fingerprint = answer?.client.fingerprint ?? '';
    const material = authority.clientMaterial(fingerprint);
    expect(material?.certificate.trim()).toBe(issued?.certificate.trim());
    expect(material?.key).toBe(issued?.key);
    expect(authority.clientMaterial('f'.repeat(64))).toBeNull();

    const stray = await authority.clientAnswer(id, { commonName: 'bob', sans: [] });
    expect(stray?.client).toMatchObject({ commonName: 'bob', keyMatches: false });
    expect(authority.clientMaterial(fingerprint)).toBeNull();
  });
});

interface RecordedHook {
  readonly scenario: string;
  readonly remote: Readonly<Record<string, { readonly data: Readonly<Record<string, Record<string, string>>> }>>;
  readonly relationSet: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string | null>>>>>>;
}

const recorded = hasGolden('partners/easyrsa.jsonl');
if (!recorded) console.warn('SKIPPED: the recorded answers of the genuine easyrsa are not here');

(recorded ? test : test.skip)('what the genuine easyrsa answered to client_cert_requests is read', async () => {
  const certificates = new RecordedCertificates();
  const main = goldenLines<RecordedHook>('partners/easyrsa.jsonl').filter(({ scenario }) => scenario === 'main');
  const key = 'etcd_0.processed_client_requests';
  const hook = main.find(({ relationSet }) => Object.values(relationSet['client:0'] ?? {})[0]?.[key] !== undefined);
  const written = Object.values(hook?.relationSet['client:0'] ?? {})[0]?.[key] ?? '{}';
  const entries = Object.entries(jsonOf<Record<string, { cert: string; key: string }>>(written));
  const expanded = entries.map(([name, entry]) => {
    const cert = certificates.expand(entry.cert);
    return [name, { cert, key: certificates.expand(entry.key) }] as const;
  });
  const { relation, authority } = onBothSides();
  relation.own = { ...hook?.remote['client:0']?.data['etcd/0'] };
  relation.provider = { [key]: JSON.stringify(Object.fromEntries(expanded)) };
  const names = entries.map(([name]) => name);
  expect(names.length).toBeGreaterThan(1);
  for (const commonName of names) {
    const request = await authority.clientRequest(id, commonName);
    expect(request?.commonName).toBe(commonName);
    const answer = request === null ? null : await authority.clientAnswer(id, request);
    // Whatever SANs were asked for, a client's certificate has none.
    expect(answer?.client).toMatchObject({
      commonName,
      sans: [],
      clientAuth: true,
      serverAuth: false,
      keyMatches: true,
    });
  }
});
