import type { RelationId, RelationTools, UnitName } from '@juju/charm-helpers-ts';
import { CharmError } from '../domain/errors';
import type { CertificateAnswer, CertificateRequest, SigningRequest } from '../domain/observed';
import type { CertificateDialect, CertificateMaterial, ClientAnswer, Fingerprints } from './certificate-authority';
import { certificateFacts, extractPem, issuersOf } from './certificate-facts';
import { plainPem, type SigningKey } from './signing-key';
import { requestId, type OwnRequest, type SigningRequests } from './signing-requests';

/** Key of the own unit's bag: JSON list of `{certificate_signing_request, ca}`; an entry without `ca` makes a provider ignore all. */
const requestsKey = 'certificate_signing_requests';
/** Key of the provider's application bag: JSON list of {@link Entry}. */
const certificatesKey = 'certificates';

/** One answer, PEM texts; `chain` begins with the certificate. */
interface Entry {
  readonly certificate_signing_request: string;
  readonly certificate: string;
  readonly ca: string;
  readonly chain: readonly string[];
  readonly revoked: boolean;
}

/** A certificate that was given for a CSR, with everything it needs. */
interface Given {
  readonly revoked: boolean;
  /** The certificate, with intermediate authorities behind it. */
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

interface Answered {
  readonly answer: CertificateAnswer;
  readonly material: CertificateMaterial | null;
}

/**
 * The dialect of tls-certificates v4: this unit makes its keys and asks in its own bag with CSRs, one for servers and one for clients;
 * the provider answers all units of the relation in its application bag, in any order and maybe one event late. An answer belongs to
 * the request whose CSR it repeats (providers drop the last newline), so there are no stale ones.
 */
export class CsrCertificateAuthority implements CertificateDialect {
  private last: Answered | null = null;

  constructor(
    private readonly relations: RelationTools,
    private readonly unit: UnitName,
    private readonly requests: SigningRequests,
  ) {}

  /** Whether a provider's application bag is one of this dialect. */
  static isSpokenIn(bag: Readonly<Record<string, string>>): boolean {
    return bag[certificatesKey] !== undefined;
  }

  async request(relationId: string): Promise<CertificateRequest | null> {
    const asked = await this.asked(relationId);
    return asked === null ? null : { commonName: asked.commonName, sans: asked.sans };
  }

  async signing(relationId: string): Promise<SigningRequest | null> {
    const asked = await this.asked(relationId);
    return asked === null ? null : { id: requestId(asked), since: asked.since };
  }

  async ask(relationId: string, request: CertificateRequest, replaced: string | null): Promise<void> {
    await this.requests.ensureOwn(request, replaced);
    await this.send(relationId);
  }

  async answer(relationId: string): Promise<CertificateAnswer | null> {
    this.last = null;
    const own = await this.asked(relationId);
    if (own === null) return null;
    const entries = await this.entries(relationId);
    const server = given(entries, own.server);
    const client = given(entries, own.client);
    if (server === null && client === null) return null;
    this.last = judge(server, client);
    return this.last.answer;
  }

  material(fingerprints: Fingerprints): CertificateMaterial | null {
    if (this.last === null) return null;
    const { ca, server, client } = this.last.answer;
    const same =
      ca?.fingerprint === fingerprints.ca &&
      server?.fingerprint === fingerprints.server &&
      client?.fingerprint === fingerprints.client;
    return same ? this.last.material : null;
  }

  async askClient(relationId: string, request: CertificateRequest, replaced: string | null): Promise<void> {
    await this.requests.ensureNamed(request, replaced);
    await this.send(relationId);
  }

  async clientAnswer(relationId: string, request: CertificateRequest): Promise<ClientAnswer> {
    const kept = await this.requests.named(request);
    if (kept === null || !(await this.sent(relationId)).has(kept.client.csr)) return { state: 'not-asked' };
    const answer = given(await this.entries(relationId), kept.client);
    if (answer === null) return { state: 'pending' };
    const signing = { id: requestId(kept), since: kept.since };
    if (answer.revoked) return { state: 'revoked', signing };
    const { ca, certificate, key } = answer;
    return {
      state: 'answered',
      signing,
      facts: certificateFacts(certificate, key, ca),
      material: { ca, certificate, key },
    };
  }

  /** What was asked for, where the bag has both of its CSRs: a hook that failed after making them sent nothing. */
  private async asked(relationId: string): Promise<OwnRequest | null> {
    const own = await this.requests.own();
    if (own === null) return null;
    const sent = await this.sent(relationId);
    return sent.has(own.server.csr) && sent.has(own.client.csr) ? own : null;
  }

  private async sent(relationId: string): Promise<ReadonlySet<string>> {
    const bag = await this.relations.relationGet({ relation: relationId as RelationId, unit: this.unit });
    return new Set(recordsOf(parse(bag[requestsKey] ?? '[]')).map((entry) => csrOf(entry)));
  }

  private async send(relationId: string): Promise<void> {
    const csrs = await this.requests.all();
    const list = csrs.map((csr) => ({ certificate_signing_request: csr, ca: false }));
    await this.relations.relationSet({ [requestsKey]: JSON.stringify(list) }, { relation: relationId as RelationId });
  }

  private async entries(relationId: string): Promise<readonly Entry[]> {
    const relation = relationId as RelationId;
    const application = await remoteApplication(this.relations, relation);
    const text = (await this.relations.relationGet({ relation, application }))[certificatesKey];
    if (text === undefined) return [];
    const list = parse(text);
    if (!Array.isArray(list)) {
      throw new CharmError({
        code: 'BAG_INVALID',
        operation: 'read certificates',
        message: `What ${application} wrote as ${certificatesKey} is no JSON list.`,
        retryable: true,
      });
    }
    return recordsOf(list).map((entry) => ({
      certificate_signing_request: csrOf(entry),
      certificate: textOf(entry['certificate']),
      ca: textOf(entry['ca']),
      chain: Array.isArray(entry['chain']) ? entry['chain'].map(textOf) : [],
      revoked: entry['revoked'] === true,
    }));
  }
}

/** The provider's application: no tool call where a unit tells it. */
export async function remoteApplication(relations: RelationTools, relation: RelationId): Promise<string> {
  const [unit] = await relations.relationList({ relation });
  return unit?.split('/')[0] ?? relations.relationListApplication({ relation });
}

/** The answer for a CSR: one that is good before one that was taken back, the last of several (providers append). */
function given(entries: readonly Entry[], { csr, key }: SigningKey): Given | null {
  const mine = entries.filter((entry) => entry.certificate_signing_request === csr);
  const entry = mine.findLast(({ revoked }) => !revoked) ?? mine.at(-1);
  if (entry === undefined) return null;
  const leaf = extractPem(entry.certificate) ?? entry.certificate;
  const issuers = issuersOf(leaf, [entry.ca, ...entry.chain]);
  const trusted = extractPem(entry.ca) ?? entry.ca;
  // The authority that the provider names must be among them: else nothing ties the certificate to it.
  const ca = issuers.includes(trusted) ? issuers : [trusted];
  return { revoked: entry.revoked, certificate: [leaf, ...ca.slice(0, -1)].join(''), key: `${key}\n`, ca: ca.join('') };
}

function judge(server: Given | null, client: Given | null): Answered {
  const ca = (server ?? client)?.ca ?? '';
  // Of two authorities, while one takes over from the other: the rest is still to come.
  const together = server === null || client === null || server.ca === client.ca;
  const [one, other] = [server, together ? client : null];
  const facts = (leaf: Given | null) => (leaf === null ? null : certificateFacts(leaf.certificate, leaf.key, ca));
  return {
    answer: {
      ca: certificateFacts(ca, null, ca),
      server: facts(one),
      client: facts(other),
      revoked: [server, client].some((leaf) => leaf?.revoked === true),
    },
    material:
      one === null || other === null
        ? null
        : {
            ca,
            serverCertificate: one.certificate,
            serverKey: one.key,
            clientCertificate: other.certificate,
            clientKey: other.key,
          },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const recordsOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const csrOf = (entry: Readonly<Record<string, unknown>>): string =>
  plainPem(textOf(entry['certificate_signing_request']));
