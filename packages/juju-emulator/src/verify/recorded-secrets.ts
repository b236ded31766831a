import { UniterApiError } from '../tools/api-error';
import type { SecretMetadata, SecretQuery } from '../tools/uniter-api';
import type { RecordedCalls } from './recorded-calls';
import { encodeContent, latestChecksum, type RecordedSecret, type RecordedWorld, secretId } from './recorded-world';

/** Secrets of a recorded world, as the stand-in controller of the recordings kept them. */
export class RecordedSecrets {
  private readonly tracked: Map<string, number>;
  private readonly labels: Map<string, string>;
  private readonly newSecrets: string[];

  constructor(
    private readonly world: RecordedWorld,
    private readonly calls: RecordedCalls,
  ) {
    this.tracked = new Map(world.secrets.map((secret) => [secretId(secret.uri), secret['tracked-revision']]));
    this.labels = new Map(
      world.secrets
        .filter((secret) => (secret['consumer-label'] ?? '') !== '')
        .map((secret) => [secret['consumer-label'] ?? '', secretId(secret.uri)]),
    );
    this.newSecrets = [...world['new-secret-ids']];
  }

  metadata(): Promise<readonly SecretMetadata[]> {
    this.calls.read('SecretsManager.GetSecretMetadata');
    return Promise.resolve(
      this.world.secrets
        .filter((secret) => secret.owned)
        .map((secret): SecretMetadata => {
          const isApplication = secret['owner-tag'].startsWith('application-');
          const unit = this.world.unit;
          return {
            id: secretId(secret.uri),
            owner: isApplication
              ? { kind: 'application', name: secret['owner-tag'].slice('application-'.length) }
              : { kind: 'unit', name: unit },
            label: secret.label,
            description: secret.description,
            rotatePolicy: secret['rotate-policy'],
            latestRevision: secret['latest-revision'],
            latestChecksum: latestChecksum(secret),
            expireTime: secret['expire-time'],
            nextRotateTime: secret['next-rotate-time'],
            access: secret.access.map((access) => ({
              target: access['target-tag'],
              scope: access['scope-tag'],
              role: access.role,
            })),
          };
        }),
    );
  }

  async content(query: SecretQuery): Promise<Record<string, string>> {
    const { uri, label, refresh, peek } = query;
    await this.calls.record('SecretsManager.GetSecretContentInfo', {
      args: [{ uri, ...(label === '' ? {} : { label }), ...(refresh ? { refresh } : {}), ...(peek ? { peek } : {}) }],
    });
    const id = uri === '' ? this.labels.get(label) : secretId(uri);
    const secret = this.world.secrets.find((one) => secretId(one.uri) === id);
    if (secret === undefined || id === undefined) {
      throw new UniterApiError('not-found', 'GetSecretContentInfo', 'fake-api: secret not found');
    }
    if (secret.denied) throw new UniterApiError('forbidden', 'GetSecretContentInfo', 'permission denied');
    if (label !== '') this.labels.set(label, id);
    return encodeContent(this.contentOf(secret, id, { refresh, peek }));
  }

  async createUris(count: number): Promise<readonly string[]> {
    await this.calls.record('SecretsManager.CreateSecretURIs', { count });
    return this.newSecrets.splice(0, count);
  }

  private contentOf(
    secret: RecordedSecret,
    id: string,
    { refresh, peek }: { refresh: boolean; peek: boolean },
  ): Readonly<Record<string, string>> {
    const tracked = this.tracked.get(id) ?? 0;
    const revision = refresh || peek || tracked === 0 ? secret['latest-revision'] : tracked;
    if (!peek) this.tracked.set(id, revision);
    return secret.contents[String(revision)] ?? {};
  }
}
