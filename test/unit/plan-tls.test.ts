import type { CertificateAnswer, Observed } from '../../src/domain/observed';
import { planTls, wantedRequest } from '../../src/domain/plan-tls';
import { known } from '../../src/domain/probe';
import { aCertificate, anObserved, now } from './an-observed';

const good: CertificateAnswer = {
  ca: aCertificate('ca'),
  server: aCertificate('server'),
  client: aCertificate('client'),
};

function answered(answer: CertificateAnswer | null, changes: Partial<Observed> = {}): Observed {
  const observed = anObserved();
  return {
    ...observed,
    certificateAuthority: {
      relationId: 'certificates:1',
      request: { value: wantedRequest(observed), pending: false },
      answer: known(answer),
    },
    ...changes,
  };
}

test('asks for its own addresses and names, not those of peers, once', () => {
  const observed = anObserved();
  const request = wantedRequest(observed);
  expect(request).toEqual({ commonName: '10.0.0.1', sans: ['10.0.0.1', '127.0.0.1', 'h', 'localhost'] });
  expect(planTls(observed)).toContainEqual({ kind: 'request-certificate', relationId: 'certificates:1', request });
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
  const disk = { data: known('present' as const), marker: known(null), hadLeader: known(false), freeBytes: known(1) };
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
