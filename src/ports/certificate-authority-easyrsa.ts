import type { RelationId, RelationTools, UnitName } from '@juju/charm-helpers-ts';
import type { CertificateAnswer, CertificateRequest } from '../domain/observed';
import type {
  CertificateAuthority,
  CertificateMaterial,
  ClientCertificateAnswer,
  ClientCertificateMaterial,
} from './certificate-authority';
import { certificateFacts, extractPem } from './certificate-facts';

/** Keys that the provider prefixes by the requirer's `unit_name`. */
const serverCertificateKey = (name: string): string => `${name}.server.cert`;
const serverKeyKey = (name: string): string => `${name}.server.key`;

/** Clients with a name of their own: JSON `{"<name>": {"sans": [..]}}` in the own bag, `{"<name>": {"cert", "key"}}` in the answer. */
const clientRequestsKey = 'client_cert_requests';
const clientAnswersKey = (name: string): string => `${name}.processed_client_requests`;

/** A value of a bag that should be JSON; null for anything else. */
function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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
export class EasyrsaCertificateAuthority implements CertificateAuthority {
  readonly dialect = 'easyrsa';
  private readonly relations: RelationTools;
  private readonly unit: UnitName;
  private readonly name: string;
  private last: Answered | null = null;
  private lastClient: { readonly fingerprint: string; readonly material: ClientCertificateMaterial } | null = null;

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

  async answer(relationId: string): Promise<CertificateAnswer | null> {
    const bags = await this.providerBags(relationId);
    // Only the provider's leader writes; a follower's bag has nothing of ours.
    const bag =
      bags.find((one) => one[serverCertificateKey(this.name)] !== undefined) ??
      bags.find((one) => one['ca'] !== undefined);
    this.last = bag === undefined ? null : this.judge(bag);
    return this.last?.answer ?? null;
  }

  material(fingerprints: {
    readonly ca: string;
    readonly server: string;
    readonly client: string;
  }): CertificateMaterial | null {
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

  async clientRequest(relationId: string, commonName: string): Promise<CertificateRequest | null> {
    const asked = (await this.clientRequests(relationId))[commonName];
    return isRecord(asked) ? { commonName, sans: namesOf(asked['sans']) } : null;
  }

  async askForClient(relationId: string, { commonName, sans }: CertificateRequest): Promise<void> {
    // The reactive charms fail in every hook where an entry has no `sans`.
    const requests = { ...(await this.clientRequests(relationId)), [commonName]: { sans: [...sans].sort() } };
    await this.relations.relationSet(
      { unit_name: this.name, [clientRequestsKey]: JSON.stringify(requests) },
      { relation: relationId as RelationId },
    );
  }

  async clientAnswer(relationId: string, { commonName }: CertificateRequest): Promise<ClientCertificateAnswer | null> {
    this.lastClient = null;
    for (const bag of await this.providerBags(relationId)) {
      const answers = parseJson(bag[clientAnswersKey(this.name)]);
      const answered = isRecord(answers) ? answers[commonName] : null;
      if (!isRecord(answered) || typeof answered['cert'] !== 'string') continue;
      const key = typeof answered['key'] === 'string' ? answered['key'] : '';
      const ca = bag['ca'] ?? null;
      const client = certificateFacts(answered['cert'], key, ca);
      const material = { ca: extractPem(ca ?? '') ?? '', certificate: extractPem(answered['cert']) ?? '', key };
      this.lastClient = { fingerprint: client.fingerprint, material };
      return { ca: ca === null ? null : certificateFacts(ca, null, ca), client };
    }
    return null;
  }

  clientMaterial(fingerprint: string): ClientCertificateMaterial | null {
    return this.lastClient?.fingerprint === fingerprint ? this.lastClient.material : null;
  }

  private async clientRequests(relationId: string): Promise<Readonly<Record<string, unknown>>> {
    const bag = await this.relations.relationGet({ relation: relationId as RelationId, unit: this.unit });
    const requests = parseJson(bag[clientRequestsKey]);
    return isRecord(requests) ? requests : {};
  }

  private async providerBags(relationId: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const relation = relationId as RelationId;
    const providers = await this.relations.relationList({ relation });
    return Promise.all(providers.map((unit) => this.relations.relationGet({ relation, unit })));
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
