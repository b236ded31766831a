import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { array, number, object, safeParse, string, type GenericSchema, type InferOutput } from 'valibot';
import type { CertificateRequest } from '../domain/observed';
import type { Clock } from './clock';
import type { Files } from './files';
import type { Paths } from './paths';
import { makeSigningKey } from './signing-key';

const signingKey = object({ key: string(), csr: string() });
const asked = { commonName: string(), sans: array(string()), since: number() };
const ownFormat = object({ ...asked, server: signingKey, client: signingKey });
const namedFormat = object({ ...asked, client: signingKey });

/** The requests for this unit's two certificates: made, sent and renewed together. */
export type OwnRequest = InferOutput<typeof ownFormat>;
/** The request for one more client certificate. */
export type NamedRequest = InferOutput<typeof namedFormat>;

/** The common name of a unit's own client certificate, as easyrsa has it. */
const ownClientName = 'client';

const digest = (...texts: string[]): string => createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16);

/** Names the CSRs of a request. */
export const requestId = (request: NamedRequest | OwnRequest): string =>
  'server' in request ? digest(request.server.csr, request.client.csr) : digest(request.client.csr);

const isFor = (kept: NamedRequest | OwnRequest, { commonName, sans }: CertificateRequest): boolean =>
  kept.commonName === commonName && JSON.stringify(kept.sans) === JSON.stringify(sorted(sans));

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

/**
 * The keys of this unit with the CSRs made for them, one file (0600) for each request: written whole before the CSR is sent, so that
 * a crash in between loses no key, and the next hook sends the same CSR. A file that cannot be read counts as none: it is made anew.
 */
export class SigningRequests {
  constructor(
    private readonly files: Files,
    private readonly paths: Paths,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly make: typeof makeSigningKey = makeSigningKey,
  ) {}

  async own(): Promise<OwnRequest | null> {
    return parsed(ownFormat, await this.files.read(this.ownFile()));
  }

  /** The own request as kept, if it is for the same and not the one called `replaced`; else a new one with new keys. */
  async ensureOwn(request: CertificateRequest, replaced: string | null): Promise<OwnRequest> {
    const kept = await this.own();
    if (kept !== null && isFor(kept, request) && requestId(kept) !== replaced) return kept;
    const [server, client] = await Promise.all([
      this.make(request, ['serverAuth', 'clientAuth']),
      this.make({ commonName: ownClientName, sans: [] }, ['clientAuth']),
    ]);
    const made: OwnRequest = { ...request, sans: sorted(request.sans), since: this.clock.now(), server, client };
    await this.write(this.ownFile(), made);
    return made;
  }

  /** The request for one more client certificate of that name and SANs; null where there is none. */
  async named(request: CertificateRequest): Promise<NamedRequest | null> {
    const kept = parsed(namedFormat, await this.files.read(this.namedFile(request.commonName)));
    return kept !== null && isFor(kept, request) ? kept : null;
  }

  async ensureNamed(request: CertificateRequest, replaced: string | null): Promise<NamedRequest> {
    const kept = await this.named(request);
    if (kept !== null && requestId(kept) !== replaced) return kept;
    const client = await this.make(request, ['clientAuth']);
    const made: NamedRequest = { ...request, sans: sorted(request.sans), since: this.clock.now(), client };
    await this.write(this.namedFile(request.commonName), made);
    return made;
  }

  /** The CSRs of all that is asked for: this unit's own first. */
  async all(): Promise<readonly string[]> {
    const own = await this.own();
    const names = ((await this.files.list(this.paths.pki.requests)) ?? []).filter((name) => name.startsWith('client-'));
    const kept = await Promise.all(names.sort().map((name) => this.files.read(join(this.paths.pki.requests, name))));
    const named = kept.flatMap((text) => parsed(namedFormat, text)?.client.csr ?? []);
    return own === null ? named : [own.server.csr, own.client.csr, ...named];
  }

  private ownFile(): string {
    return join(this.paths.pki.requests, 'own.json');
  }

  private namedFile(commonName: string): string {
    return join(this.paths.pki.requests, `client-${digest(commonName)}.json`);
  }

  private async write(path: string, request: NamedRequest | OwnRequest): Promise<void> {
    const { configDirectory, pki } = this.paths;
    await this.files.makeDirectory(configDirectory, { mode: 0o755 });
    await this.files.makeDirectory(pki.directory, { mode: 0o700 });
    await this.files.makeDirectory(pki.requests, { mode: 0o700 });
    await this.files.writeAtomic(path, `${JSON.stringify(request, null, 2)}\n`, { mode: 0o600 });
  }
}

function parsed<T>(format: GenericSchema<unknown, T>, text: string | null): T | null {
  if (text === null) return null;
  try {
    const result = safeParse(format, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
