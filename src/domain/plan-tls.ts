import type {
  CertificateAuthorityFacts,
  CertificateFacts,
  CertificateRequest,
  Observed,
  SigningRequest,
  TlsFacts,
} from './observed';
import { valueOr } from './probe';
import type { Step, StepOf } from './step';
import { utcTime } from './utc-time';
import { block, waitForTime } from './waiting';

/** What this unit's server certificate must be good for: its own addresses and names. Peers' addresses are not in it. */
export function wantedRequest({ unit }: Observed): CertificateRequest | null {
  if (!unit.clientAddress.known) return null;
  const client = unit.clientAddress.value;
  const peer = valueOr(unit.peerAddress, client);
  const sans = [...new Set([client, peer, unit.hostname, '127.0.0.1', 'localhost'])]
    .filter((name) => name !== '')
    .sort();
  return { commonName: client, sans };
}

const sameNames = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());

export const sameRequest = (one: CertificateRequest | null, other: CertificateRequest): boolean =>
  one !== null && one.commonName === other.commonName && sameNames(one.sans, other.sans);

/** Why a set of certificates may not be used for `request`; null when it may. `stale` is an answer to an older request: wait, ask nothing anew. */
export interface AnswerProblem {
  readonly stale: boolean;
  readonly why: string;
  /** When it will be over by itself, milliseconds since the epoch; absent where somebody has to do something. */
  readonly until?: number;
}

export function answerProblem(answer: TlsFacts, request: CertificateRequest, now: number): AnswerProblem | null {
  const { ca, server, client } = answer;
  if (ca === null || server === null || client === null) {
    const missing = [ca === null ? 'CA' : null, server === null ? 'server' : null, client === null ? 'client' : null];
    return {
      stale: true,
      why: `the ${missing.filter((name) => name !== null).join(' and ')} certificate is not there yet`,
    };
  }
  const bad = (what: string, why: string): AnswerProblem => ({ stale: false, why: `the ${what} certificate ${why}` });
  if (ca.unreadable !== null) return bad('CA', `cannot be read (${ca.unreadable})`);
  if (!ca.isCa) return bad('CA', 'is not that of a certificate authority');
  for (const [what, certificate] of [
    ['server', server],
    ['client', client],
  ] as const) {
    const why = leafProblem(certificate, now);
    if (why !== null)
      return { ...bad(what, why), ...(now < certificate.notBefore ? { until: certificate.notBefore } : {}) };
  }
  if (!client.clientAuth) return bad('client', 'may not be used by clients (extended key usage)');
  if (!server.serverAuth || !server.clientAuth)
    return bad('server', 'must be good for servers and clients (extended key usage)');
  // Some authorities leave the common name out: only the alternative names are ever compared with addresses.
  if (server.commonName !== '' && server.commonName !== request.commonName) {
    return {
      stale: true,
      why: `the server certificate is for ${server.commonName}, and ${request.commonName} was asked for`,
    };
  }
  const missing = request.sans.filter((name) => !server.sans.includes(name));
  if (missing.length > 0) return { stale: true, why: `the server certificate does not name ${missing.join(', ')}` };
  return null;
}

/** Why one more client certificate may not be used; null when it may. */
export function clientProblem(certificate: CertificateFacts, now: number): string | null {
  const problem = leafProblem(certificate, now);
  if (problem !== null) return problem;
  return certificate.clientAuth ? null : 'may not be used by clients (extended key usage)';
}

function leafProblem(certificate: CertificateFacts, now: number): string | null {
  if (certificate.unreadable !== null) return `cannot be read (${certificate.unreadable})`;
  if (certificate.keyMatches !== true) return 'does not belong to its private key';
  if (!certificate.signedByCa) return 'is not signed by the CA that came with it';
  if (now < certificate.notBefore) return `is not valid before ${utcTime(certificate.notBefore)}`;
  if (now >= certificate.notAfter) return `expired on ${utcTime(certificate.notAfter)}`;
  return null;
}

export interface TlsReadiness {
  readonly ready: boolean;
  /** What is wrong with what is on disk; null when it may be used. */
  readonly problem: string | null;
}

/** Whether what is on disk can serve: complete, valid now, and good for this unit's addresses. */
export function tlsReadiness(observed: Observed): TlsReadiness {
  const request = wantedRequest(observed);
  const { ca, server, client } = observed.tls;
  if (ca === null || server === null || client === null)
    return { ready: false, problem: 'there are no certificates yet' };
  if (request === null) return { ready: false, problem: 'the address of this unit is not known' };
  const problem = answerProblem(observed.tls, request, observed.now)?.why ?? revocation(observed);
  return { ready: problem === null, problem };
}

/** Certificates in use are not taken away from a member that serves: it gets others when the authority gives them. */
function revocation({ tls, certificateAuthority: { answer } }: Observed): string | null {
  if (!answer.known || answer.value?.revoked !== true) return null;
  const { server, client } = answer.value;
  const given = server?.fingerprint === tls.server?.fingerprint || client?.fingerprint === tls.client?.fingerprint;
  return given ? 'the certificate authority revoked the certificates of this unit' : null;
}

/** Certificates with less than this left should have been renewed: a sixth of their life, a month at most; milliseconds. */
const soonOver = (life: number): number => Math.min(life / 6, 30 * 86_400_000);

/** When the certificates on disk are over, where that is soon; null where it is not. */
export function expiryWarning({ tls, now }: Observed): string | null {
  const leaves = [tls.server, tls.client].filter(
    (leaf) => leaf !== null && leaf.unreadable === null,
  ) as CertificateFacts[];
  const due = leaves.filter(
    ({ notBefore, notAfter }) => notAfter - now < soonOver(notAfter - notBefore) && now < notAfter,
  );
  return due.length === 0
    ? null
    : `its certificates expire on ${utcTime(Math.min(...due.map((leaf) => leaf.notAfter)))}`;
}

/** How soon an address that Juju could not tell is asked for again, seconds. */
const retrySeconds = 15;

/** Certificates that were taken back, or came expired, are asked for anew with another key no sooner than this after the last time, ms. */
const leastBetweenKeys = 600_000;

/**
 * When a certificate is to be replaced by one with a new key: when a third of its life is left. Where it is over already, after a
 * while, so that an authority that gives nothing else is not asked without end. Its life begins when it was asked for, whatever it
 * says itself: some are made valid for a time before.
 */
export function renewalTime({ notBefore, notAfter }: CertificateFacts, { since }: SigningRequest): number {
  const life = notAfter - Math.max(notBefore, since);
  return life > 0 ? notAfter - life / 3 : since + leastBetweenKeys;
}

/** The step that asks for one more client certificate, or asks anew for one that was taken back or gets old; null where none is needed. */
export function clientRequest(
  relationId: string,
  request: CertificateRequest,
  asked: ClientRequestFacts,
  now: number,
): StepOf<'request-client-certificate'> | null {
  const ask = (replaced: string | null) =>
    ({ kind: 'request-client-certificate', relationId, request, replaced }) as const;
  if (asked.state === 'not-asked') return ask(null);
  if (asked.state === 'pending' || asked.signing === null) return null;
  const due =
    asked.state === 'revoked' ? asked.signing.since + leastBetweenKeys : renewalTime(asked.facts, asked.signing);
  return now >= due ? ask(asked.signing.id) : null;
}

/** What is known of the request for one more client certificate; the port's answer has the PEMs besides. */
export type ClientRequestFacts =
  | { readonly state: 'not-asked' }
  | { readonly state: 'pending' }
  | { readonly state: 'revoked'; readonly signing: SigningRequest }
  | { readonly state: 'answered'; readonly signing: SigningRequest | null; readonly facts: CertificateFacts };

/** Asks where nothing, or something else, was asked for; and anew, with new keys, where certificates were taken back or get old. */
function planRequest(
  { relationId, request, answer, signing }: CertificateAuthorityFacts,
  wanted: CertificateRequest,
  now: number,
): readonly Step[] {
  if (relationId === null) return [];
  const ask = (replaced: string | null): readonly Step[] => [
    { kind: 'request-certificate', relationId, request: wanted, replaced },
  ];
  if (!sameRequest(request.value, wanted)) return ask(null);
  const answered = answer.known ? answer.value : null;
  if (signing === null || answered === null) return [];
  const leaves = [answered.server, answered.client].filter((leaf) => leaf !== null && leaf.unreadable === null);
  const times = leaves.map((leaf) => renewalTime(leaf as CertificateFacts, signing));
  if (answered.revoked) times.push(signing.since + leastBetweenKeys);
  return times.some((time) => now >= time) ? ask(signing.id) : [];
}

/** Asks for certificates and installs what came back, if it is what was asked for. etcd reads a leaf anew by itself: no restart. */
export function planTls(observed: Observed): readonly Step[] {
  const { certificateAuthority, tls, now } = observed;
  const { relationId, dialect, answer, signing } = certificateAuthority;
  const inUse = tls.server !== null;
  if (relationId === null) return inUse ? [] : [{ kind: 'block', why: 'Missing relation to certificate authority.' }];
  const request = wantedRequest(observed);
  if (request === null) {
    return waitForTime(retrySeconds, 'for the address of this unit');
  }
  const asking = planRequest(certificateAuthority, request, now);
  // Read again once it is asked: what is answered belongs to what was asked before.
  if (asking.length > 0 && signing !== null) return asking;
  if (!answer.known) return [...asking, ...waitUnless(inUse, `for certificates (${answer.reason})`)];
  if (answer.value === null) return [...asking, ...waitUnless(inUse, 'for certificates')];
  if (answer.value.revoked && signing !== null) {
    const seconds = Math.ceil((signing.since + leastBetweenKeys - now) / 1000);
    const waiting = waitForTime(seconds, 'for certificates: the certificate authority revoked those that it gave');
    return inUse ? waiting.filter(({ kind }) => kind === 'wake-later') : waiting;
  }
  const found = answerProblem(answer.value, request, now);
  if (found !== null) {
    // Matched by the CSR, so it is no answer to an older request: the authority gives something else than it is asked for.
    const complete = answer.value.server !== null && answer.value.client !== null;
    const problem = dialect === 'csr' && complete ? { ...found, stale: false } : found;
    return tlsReadiness(observed).ready ? asking : [...asking, ...refuse(problem, now)];
  }
  const { ca, server, client } = answer.value;
  if (ca === null || server === null || client === null) return asking;
  // With its key: a crash in the middle of installing leaves a certificate without.
  const isOnDisk = (onDisk: CertificateFacts | null, answered: CertificateFacts): boolean =>
    onDisk?.fingerprint === answered.fingerprint && onDisk.keyMatches === answered.keyMatches;
  const same = isOnDisk(tls.ca, ca) && isOnDisk(tls.server, server) && isOnDisk(tls.client, client);
  if (same) return asking;
  // Rule 8: another CA is not taken into use beside members that do not trust it; the status table reports it.
  if (
    tls.ca !== null &&
    tls.ca.fingerprint !== ca.fingerprint &&
    ((observed.disk.data.known && observed.disk.data.value === 'present') || observed.standby.settings !== null)
  ) {
    return asking;
  }
  const fingerprints = { ca: ca.fingerprint, server: server.fingerprint, client: client.fingerprint };
  return [...asking, { kind: 'install-certificates', fingerprints }];
}

/** Longest time to the next look at a certificate that is not valid yet: clocks are set right, too; seconds. */
const longestWait = 3600;

function refuse({ stale, why, until }: AnswerProblem, now: number): readonly Step[] {
  if (until !== undefined)
    return waitForTime(Math.min(longestWait, Math.ceil((until - now) / 1000)), `for certificates: ${why}`);
  return stale
    ? waitUnless(false, `for certificates: ${why}`)
    : block(`Unusable answer of the certificate authority: ${why}`);
}

const waitUnless = (fine: boolean, why: string): readonly Step[] =>
  fine ? [] : [{ kind: 'wait', why, wokenBy: { by: 'relation', endpoint: 'certificates' } }];
