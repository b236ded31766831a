import type { CertificateAnswer, Observed } from '../../src/domain/observed';
import {
  clientRequest,
  expiryWarning,
  planTls,
  tlsReadiness,
  wantedRequest,
  type ClientRequestFacts,
} from '../../src/domain/plan-tls';
import { known } from '../../src/domain/probe';
import { aCertificate, anObserved, now } from './an-observed';

const good: CertificateAnswer = {
  ca: aCertificate('ca'),
  server: aCertificate('server'),
  client: aCertificate('client'),
  revoked: false,
};

function answered(answer: CertificateAnswer | null, changes: Partial<Observed> = {}): Observed {
  const observed = anObserved();
  return {
    ...observed,
    certificateAuthority: {
      relationId: 'certificates:1',
      dialect: answer === null ? null : 'easyrsa',
      request: { value: wantedRequest(observed), pending: false },
      answer: known(answer),
      signing: null,
    },
    ...changes,
  };
}

test('asks for its own addresses and names, not those of peers, once', () => {
  const observed = anObserved();
  const request = wantedRequest(observed);
  expect(request).toEqual({ commonName: '10.0.0.1', sans: ['10.0.0.1', '127.0.0.1', 'h', 'localhost'] });
  expect(planTls(observed)).toContainEqual({
    kind: 'request-certificate',
    relationId: 'certificates:1',
    request,
    replaced: null,
  });
  expect(planTls(answered(null)).map(({ kind }) => kind)).toEqual(['wait']);
});

test('a good answer is installed, and then nothing is planned', () => {
  const fingerprints = { ca: 'ca-1', server: 'server-1', client: 'client-1' };
  expect(planTls(answered(good))).toEqual([{ kind: 'install-certificates', fingerprints }]);
  expect(planTls(answered(good, { tls: good }))).toEqual([]);
});

test.each(['server', 'client'] as const)(
  'a %s certificate that a crash left without its key is installed again',
  (leaf) => {
    const tls = { ...good, [leaf]: aCertificate(leaf, { keyMatches: false }) };
    expect(planTls(answered(good, { tls })).map(({ kind }) => kind)).toEqual(['install-certificates']);
  },
);

test('a new leaf of the same CA is installed, without a restart', () => {
  const renewed = { ...good, server: aCertificate('server', { fingerprint: 'server-2' }) };
  expect(planTls(answered(renewed, { tls: good })).map(({ kind }) => kind)).toEqual(['install-certificates']);
});

test('another CA is not taken into use over data', () => {
  const other = { ...good, ca: aCertificate('ca', { fingerprint: 'ca-2' }) };
  const disk = {
    data: known('present' as const),
    marker: known(null),
    hadLeader: known(false),
    freeBytes: known(1),
    staged: known(null),
  };
  expect(planTls(answered(other, { tls: good, disk }))).toEqual([]);
});

describe('an answer that may not be used', () => {
  test.each([
    ['is not complete', { ...good, client: null }, 'wait', /client certificate is not there yet/],
    [
      'is for another name (a stale one)',
      { ...good, server: aCertificate('server', { commonName: '10.0.0.9' }) },
      'wait',
      /is for 10\.0\.0\.9/,
    ],
    [
      'lacks a name',
      { ...good, server: aCertificate('server', { sans: ['10.0.0.1'] }) },
      'wait',
      /does not name 127\.0\.0\.1/,
    ],
    ['has another key', { ...good, server: aCertificate('server', { keyMatches: false }) }, 'block', /private key/],
    [
      'is of another CA',
      { ...good, server: aCertificate('server', { signedByCa: false }) },
      'block',
      /not signed by the CA/,
    ],
    [
      'has expired',
      { ...good, server: aCertificate('server', { notAfter: now - 1 }) },
      'block',
      /expired on 2027-01-15 07:59:59 UTC/,
    ],
    [
      'is not valid yet',
      { ...good, server: aCertificate('server', { notBefore: now + 5000 }) },
      'wait',
      /not valid before/,
    ],
    [
      'is not for servers',
      { ...good, server: aCertificate('server', { serverAuth: false }) },
      'block',
      /servers and clients/,
    ],
    [
      'is not for clients',
      { ...good, client: aCertificate('client', { clientAuth: false }) },
      'block',
      /extended key usage/,
    ],
    ['has no CA for a CA', { ...good, ca: aCertificate('ca', { isCa: false }) }, 'block', /certificate authority/],
    ['cannot be read', { ...good, server: aCertificate('server', { unreadable: 'no PEM' }) }, 'block', /no PEM/],
  ] as const)('%s', (_what, answer, kind, why) => {
    const steps = planTls(answered(answer));
    // Never asked again: a provider that answers something else would be asked for ever.
    expect(steps.map((step) => step.kind)).not.toContain('request-certificate');
    expect(steps.map((step) => step.kind)).not.toContain('install-certificates');
    expect(steps.at(-1)).toMatchObject({ kind, why: expect.stringMatching(why) as string });
  });

  test('leaves a unit that has good ones alone', () => {
    const stale = { ...good, server: aCertificate('server', { commonName: '10.0.0.9', fingerprint: 'server-0' }) };
    expect(planTls(answered(stale, { tls: good }))).toEqual([]);
  });
});

test('without a CA it is blocked only while it has no certificates', () => {
  const alone = { ...anObserved().certificateAuthority, relationId: null };
  expect(planTls(answered(null, { certificateAuthority: alone }))).toEqual([
    { kind: 'block', why: 'Missing relation to certificate authority.' },
  ]);
  expect(planTls(answered(null, { certificateAuthority: alone, tls: good }))).toEqual([]);
});

test.each([
  ['a year, of which two months are left', -305, 60, false],
  ['a year, of which a month is left, less a day', -336, 29, true],
  ['six hours, of which an hour and a bit is left', -5 / 24, 1.1 / 24, false],
  ['six hours, of which less than an hour is left', -5.1 / 24, 0.9 / 24, true],
  ['what is over already (told as such)', -30, -1, false],
])('a warning before the end: %s', (_what, begins, ends, warned) => {
  const day = 86_400_000;
  const life = { notBefore: now + begins * day, notAfter: now + ends * day };
  const tls = { ...good, client: aCertificate('client', life) };
  const warning = expiryWarning(answered(good, { tls, now }));
  expect(warning).toEqual(warned ? expect.stringMatching(/^its certificates expire on 20\d\d-/) : null);
});

describe('where this unit makes its own keys (CSRs)', () => {
  const hour = 3_600_000;
  const signing = { id: 'a', since: now - hour };
  const leaf = (what: 'server' | 'client', changes = {}) =>
    aCertificate(what, { notBefore: now - hour, notAfter: now + 5 * hour, ...changes });
  const given: CertificateAnswer = { ca: good.ca, server: leaf('server'), client: leaf('client'), revoked: false };

  function asked(answer: CertificateAnswer | null, changes: Partial<Observed> = {}, made = signing): Observed {
    const observed = answered(answer, changes);
    const { certificateAuthority } = observed;
    return { ...observed, certificateAuthority: { ...certificateAuthority, dialect: 'csr', signing: made } };
  }
  const kinds = (observed: Observed): string[] => planTls(observed).map(({ kind }) => kind);
  const anew = (observed: Observed) => [
    {
      kind: 'request-certificate',
      relationId: 'certificates:1',
      request: wantedRequest(observed),
      replaced: signing.id,
    },
  ];

  test('what was given is installed, and then nothing is planned', () => {
    expect(kinds(asked(given))).toEqual(['install-certificates']);
    expect(kinds(asked(given, { tls: given }))).toEqual([]);
    expect(kinds(asked(null))).toEqual(['wait']);
  });

  test.each([
    ['the first of them', { server: leaf('server', { notAfter: now + hour / 2 }) }],
    ['the second', { client: leaf('client', { notAfter: now + hour / 2 - 1 }) }],
  ])('asked anew, with other keys, when a third of a life is left: %s', (_which, change) => {
    const old = asked({ ...given, ...change }, { tls: given });
    expect(planTls(old)).toEqual(anew(old));
    expect(kinds({ ...old, now: now - 60_000 })).not.toContain('request-certificate');
  });

  test('a time before the request is no part of the life: an authority that dates back is not asked without end', () => {
    const dated = { ...given, server: leaf('server', { notBefore: now - 100 * hour, notAfter: now + 2.1 * hour }) };
    expect(kinds(asked(dated, { tls: dated }))).toEqual([]);
  });

  test('what came expired is asked for anew, but not at once', () => {
    const expired = { ...given, server: leaf('server', { notAfter: now - 2 * hour }) };
    expect(planTls(asked(expired))).toEqual(anew(asked(expired)));
    expect(kinds(asked(expired, {}, { id: 'a', since: now - 599_000 }))).toEqual(['block']);
  });

  test('what was revoked is not installed, and asked for anew with other keys, but not at once', () => {
    const revoked = { ...given, revoked: true };
    expect(planTls(asked(revoked))).toEqual(anew(asked(revoked)));
    const early = { id: 'a', since: now - 590_000 };
    expect(planTls(asked(revoked, {}, early))).toMatchObject([
      { kind: 'wake-later', afterSeconds: 10 },
      { kind: 'wait', why: expect.stringContaining('revoked') as string },
    ]);
    expect(kinds(asked(revoked, { tls: given }, early))).toEqual(['wake-later']);
  });

  test('a unit with revoked certificates starts nothing with them and says so; what replaces them is installed', () => {
    const revoked = asked({ ...given, revoked: true }, { tls: given });
    expect(tlsReadiness(revoked)).toEqual({ ready: false, problem: expect.stringContaining('revoked') as string });
    const other = { ...given, server: leaf('server', { fingerprint: 'server-2' }) };
    expect(tlsReadiness(asked(other, { tls: given })).ready).toBe(true);
    expect(kinds(asked(other, { tls: given }))).toEqual(['install-certificates']);
  });

  test('an authority that leaves names out will not do better by itself', () => {
    const poor = { ...given, server: leaf('server', { sans: ['10.0.0.1'] }) };
    expect(planTls(asked(poor)).at(-1)).toMatchObject({
      kind: 'block',
      why: expect.stringContaining('does not name 127.0.0.1') as string,
    });
    expect(kinds(asked({ ...given, server: leaf('server', { commonName: '' }) }))).toEqual(['install-certificates']);
  });

  test('one more client certificate is asked for once, and anew when it gets old or was revoked', () => {
    const request = { commonName: 'app', sans: [] };
    const ask = (facts: ClientRequestFacts) => clientRequest('certificates:1', request, facts, now);
    const step = { kind: 'request-client-certificate', relationId: 'certificates:1', request };
    expect(ask({ state: 'not-asked' })).toEqual({ ...step, replaced: null });
    expect(ask({ state: 'pending' })).toBeNull();
    expect(ask({ state: 'answered', signing, facts: leaf('client') })).toBeNull();
    expect(ask({ state: 'answered', signing: null, facts: leaf('client', { notAfter: now }) })).toBeNull();
    expect(ask({ state: 'answered', signing, facts: leaf('client', { notAfter: now + 1 }) })?.replaced).toBe('a');
    expect(ask({ state: 'revoked', signing })?.replaced).toBe('a');
    expect(ask({ state: 'revoked', signing: { id: 'a', since: now } })).toBeNull();
  });
});
