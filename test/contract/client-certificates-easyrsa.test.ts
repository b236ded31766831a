import { unitName } from '@juju/charm-helpers-ts';
import type { ClientAnswer } from '../../src/ports/certificate-authority';
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

/** An answer that must have come. */
function answered(answer: ClientAnswer): Extract<ClientAnswer, { state: 'answered' }> {
  if (answer.state !== 'answered') throw new Error(`it is ${answer.state}`);
  return answer;
}

describe('client certificates with their own name, in the easyrsa dialect', () => {
  test('each name is asked for beside the others and beside the server certificate', async () => {
    const { relation, authority } = onBothSides();
    const bob = { commonName: 'bob', sans: ['b.example', 'a.example'] };
    expect(await authority.clientAnswer(id, alice)).toEqual({ state: 'not-asked' });
    await authority.ask(id, { commonName: '10.0.0.5', sans: ['10.0.0.5'] });
    await authority.askClient(id, alice);
    await authority.askClient(id, bob);
    expect(relation.own).toEqual({
      unit_name: 'etcd_0',
      common_name: '10.0.0.5',
      sans: '["10.0.0.5"]',
      certificate_name: 'etcd_0',
      client_cert_requests: '{"alice":{"sans":[]},"bob":{"sans":["a.example","b.example"]}}',
    });
    for (const request of [alice, bob]) expect(await authority.clientAnswer(id, request)).toEqual({ state: 'pending' });
    expect(await authority.clientAnswer(id, { ...bob, sans: [] })).toEqual({ state: 'not-asked' });
  });

  test.each(['', 'no JSON', '[]', '"text"', '{"alice":"text"}'])('a bag with %j holds no request', async (text) => {
    const { relation, authority } = onBothSides();
    relation.own = { client_cert_requests: text };
    expect(await authority.clientAnswer(id, alice)).toEqual({ state: 'not-asked' });
    await authority.askClient(id, alice);
    expect(await authority.clientAnswer(id, alice)).toEqual({ state: 'pending' });
  });

  test.each(['', 'no JSON', '[]', '{"alice":null}', '{"alice":{"cert":1}}', '{"bob":{"cert":"x","key":"y"}}'])(
    'a bag with %j holds no answer',
    async (text) => {
      const { relation, authority } = onBothSides();
      await authority.askClient(id, alice);
      relation.provider = { ca: 'x', 'etcd_0.processed_client_requests': text };
      expect(await authority.clientAnswer(id, alice)).toEqual({ state: 'pending' });
    },
  );

  test('what came is judged with its own key', async () => {
    const ca = new TestAuthority();
    const [issued, other] = ['alice', 'bob'].map((commonName) => ca.issue({ commonName, usages: ['clientAuth'] }));
    const { relation, authority } = onBothSides();
    const bob = { commonName: 'bob', sans: [] };
    for (const request of [alice, bob]) await authority.askClient(id, request);
    relation.provider = {
      ca: ca.certificate,
      'etcd_0.processed_client_requests': JSON.stringify({
        alice: { cert: `Certificate:\n    Data:\n${issued?.certificate}`, key: issued?.key },
        bob: { cert: other?.certificate, key: issued?.key },
      }),
    };
    const { facts, material } = answered(await authority.clientAnswer(id, alice));
    expect(facts).toMatchObject({ commonName: 'alice', keyMatches: true, signedByCa: true, clientAuth: true });
    expect(material.certificate.trim()).toBe(issued?.certificate.replaceAll('\r', '').trim());
    expect(material.key).toBe(issued?.key);
    const stray = answered(await authority.clientAnswer(id, bob));
    expect(stray.facts).toMatchObject({ commonName: 'bob', keyMatches: false });
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
  relation.provider = { ca: 'not looked at', [key]: JSON.stringify(Object.fromEntries(expanded)) };
  const requests = jsonOf<Record<string, { sans: string[] }>>(relation.own['client_cert_requests'] ?? '{}');
  expect(entries.length).toBeGreaterThan(1);
  for (const [commonName] of entries) {
    const { facts } = answered(
      await authority.clientAnswer(id, { commonName, sans: requests[commonName]?.sans ?? [] }),
    );
    // Whatever SANs were asked for, a client's certificate has none.
    expect(facts).toMatchObject({ commonName, sans: [], clientAuth: true, serverAuth: false, keyMatches: true });
  }
});
