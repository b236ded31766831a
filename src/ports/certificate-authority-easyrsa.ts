import type { RelationBag, RelationId, RelationTools, UnitName } from '@juju/charm-helpers-ts';
import type { CertificateAnswer, CertificateRequest } from '../domain/observed';
import type { CertificateDialect, CertificateMaterial, ClientAnswer, Fingerprints } from './certificate-authority';
import { certificateFacts, extractPem } from './certificate-facts';

/** Keys that the provider prefixes by the requirer's `unit_name`. */
const serverCertificateKey = (name: string): string => `${name}.server.cert`;
const serverKeyKey = (name: string): string => `${name}.server.key`;

/** JSON `{name: {sans: []}}`; an entry without `sans` makes every hook of a provider fail. */
const clientRequestsKey = 'client_cert_requests';
/** JSON `{name: {cert, key}}`. */
const clientAnswersKey = (name: string): string => `${name}.processed_client_requests`;

/** A value of a bag that should be JSON; null for anything else. */
function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A list of names; anything else in the bag is no request of ours. */
const namesOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? [...new Set(value.filter((name) => typeof name === 'string'))].sort() : [];

interface Answered {
  readonly answer: CertificateAnswer;
  readonly material: Partial<CertificateMaterial>;
}

/**
 * The dialect of easyrsa and vault (`tls-certificates`, the reactive interface): one server certificate per unit asked for by
 * `common_name` and `sans` in the own unit bag; the provider makes the keys and answers in a unit bag under `<unit_name>.server.*`,
 * with `ca` and one shared `client.*`. Certificates come with a readable dump in front.
 */
export class EasyrsaCertificateAuthority implements CertificateDialect {
  private readonly relations: RelationTools;
  private readonly unit: UnitName;
  private readonly name: string;
  private last: Answered | null = null;

  constructor(relations: RelationTools, unit: UnitName) {
    this.relations = relations;
    this.unit = unit;
    this.name = unit.replaceAll('/', '_');
  }

  async request(relationId: string): Promise<CertificateRequest | null> {
    const bag = await this.relations.relationGet({ relation: relationId as RelationId, unit: this.unit });
    const commonName = bag['common_name'];
    return commonName === undefined ? null : { commonName, sans: namesOf(parseJson(bag['sans'])) };
  }

  async ask(relationId: string, request: CertificateRequest): Promise<void> {
    await this.relations.relationSet(
      {
        unit_name: this.name,
        common_name: request.commonName,
        sans: JSON.stringify([...request.sans].sort()),
        certificate_name: this.name,
      },
      { relation: relationId as RelationId },
    );
  }

  /** Whether a unit of the provider has written in this dialect. */
  async isSpoken(relationId: string): Promise<boolean> {
    return (await this.provided(relationId)) !== null;
  }

  async answer(relationId: string): Promise<CertificateAnswer | null> {
    const bag = await this.provided(relationId);
    this.last = bag === null ? null : this.judge(bag);
    return this.last?.answer ?? null;
  }

  material(fingerprints: Fingerprints): CertificateMaterial | null {
    if (this.last === null) return null;
    const { answer, material } = this.last;
    const same =
      answer.ca?.fingerprint === fingerprints.ca &&
      answer.server?.fingerprint === fingerprints.server &&
      answer.client?.fingerprint === fingerprints.client;
    const { ca, serverCertificate, serverKey, clientCertificate, clientKey } = material;
    if (!same || !ca || !serverCertificate || !serverKey || !clientCertificate || !clientKey) return null;
    return { ca, serverCertificate, serverKey, clientCertificate, clientKey };
  }

  /** Its SANs are sent, and no provider of this dialect is known to put them in. Others' entries are kept. */
  async askClient(relationId: string, { commonName, sans }: CertificateRequest): Promise<void> {
    const asked = { ...(await this.clientRequests(relationId)), [commonName]: { sans: [...sans].sort() } };
    await this.relations.relationSet(
      { unit_name: this.name, [clientRequestsKey]: JSON.stringify(asked) },
      { relation: relationId as RelationId },
    );
  }

  async clientAnswer(relationId: string, { commonName, sans }: CertificateRequest): Promise<ClientAnswer> {
    const asked = recordOf((await this.clientRequests(relationId))[commonName]);
    if (JSON.stringify(asked['sans']) !== JSON.stringify([...sans].sort())) return { state: 'not-asked' };
    const provided = await this.provided(relationId);
    const answers = recordOf(parseJson(provided?.[clientAnswersKey(this.name)]));
    const { cert, key } = recordOf(answers[commonName]);
    if (typeof cert !== 'string') return { state: 'pending' };
    const ca = provided?.['ca'] ?? '';
    const privateKey = typeof key === 'string' ? key : '';
    return {
      state: 'answered',
      signing: null,
      facts: certificateFacts(cert, privateKey, ca),
      material: { ca: extractPem(ca) ?? '', certificate: extractPem(cert) ?? '', key: privateKey },
    };
  }

  private async clientRequests(relationId: string): Promise<Readonly<Record<string, unknown>>> {
    const bag = await this.relations.relationGet({ relation: relationId as RelationId, unit: this.unit });
    return recordOf(parseJson(bag[clientRequestsKey]));
  }

  /** The bag that has something for this unit. Only the provider's leader writes; a follower's bag has nothing of ours. */
  private async provided(relationId: string): Promise<RelationBag | null> {
    const relation = relationId as RelationId;
    const providers = await this.relations.relationList({ relation });
    const bags = await Promise.all(providers.map((unit) => this.relations.relationGet({ relation, unit })));
    return (
      bags.find((one) => one[serverCertificateKey(this.name)] !== undefined) ??
      bags.find((one) => one['ca'] !== undefined) ??
      null
    );
  }

  private judge(bag: Readonly<Record<string, string>>): Answered {
    const ca = bag['ca'] ?? null;
    const server = bag[serverCertificateKey(this.name)] ?? null;
    const serverKey = bag[serverKeyKey(this.name)] ?? null;
    const client = bag['client.cert'] ?? null;
    const clientKey = bag['client.key'] ?? null;
    const pem = (text: string | null): string => (text === null ? '' : (extractPem(text) ?? ''));
    return {
      answer: {
        ca: ca === null ? null : certificateFacts(ca, null, ca),
        server: server === null ? null : certificateFacts(server, serverKey ?? '', ca),
        client: client === null ? null : certificateFacts(client, clientKey ?? '', ca),
        revoked: false,
      },
      material: {
        ca: pem(ca),
        serverCertificate: pem(server),
        serverKey: serverKey ?? '',
        clientCertificate: pem(client),
        clientKey: clientKey ?? '',
      },
    };
  }
}
