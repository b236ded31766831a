import type { RelationId, RelationTools, UnitName } from '@juju/charm-helpers-ts';
import type { CertificateAnswer, CertificateRequest } from '../domain/observed';
import type { CertificateAuthority, CertificateMaterial } from './certificate-authority';
import { certificateFacts, extractPem } from './certificate-facts';

/** Keys that the provider prefixes by the requirer's `unit_name`. */
const serverCertificateKey = (name: string): string => `${name}.server.cert`;
const serverKeyKey = (name: string): string => `${name}.server.key`;

/** `sans` is a JSON list; anything else in the bag is no request of ours. */
function parseNames(text: string | undefined): readonly string[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

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

  constructor(relations: RelationTools, unit: UnitName) {
    this.relations = relations;
    this.unit = unit;
    this.name = unit.replaceAll('/', '_');
  }

  async request(relationId: string): Promise<CertificateRequest | null> {
    const bag = await this.relations.relationGet({ relation: relationId as RelationId, unit: this.unit });
    const commonName = bag['common_name'];
    return commonName === undefined ? null : { commonName, sans: [...new Set(parseNames(bag['sans']))].sort() };
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
    const relation = relationId as RelationId;
    const providers = await this.relations.relationList({ relation });
    const bags = await Promise.all(providers.map((unit) => this.relations.relationGet({ relation, unit })));
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
