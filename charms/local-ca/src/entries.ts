import type { RelationBag } from '@juju/charm-helpers-ts';

/** Key of a requirer's unit or application bag. */
const requestsKey = 'certificate_signing_requests';
/** Key of the own application bag. */
export const certificatesKey = 'certificates';

/** A request: PEM of the CSR, trimmed, and whether a certificate of an authority is asked for. */
export interface Request {
  readonly csr: string;
  readonly ca: boolean;
}

/** One answer as it goes over the wire: PEMs without text and without the last newline. */
export interface Entry {
  readonly ca: string;
  readonly certificate_signing_request: string;
  readonly certificate: string;
  /** The certificate, then its authority. */
  readonly chain: readonly string[];
  /** Only there when true. */
  readonly revoked?: true;
}

/** What one bag asks for. A bag that is not as it should be asks for nothing: one entry without `ca` spoils all of it. */
export function readRequests(bag: RelationBag): readonly Request[] {
  const list = parse(bag[requestsKey]);
  if (!Array.isArray(list)) return [];
  const requests = list.map((entry: unknown) => {
    if (!isRecord(entry) || typeof entry['certificate_signing_request'] !== 'string' || !('ca' in entry)) return null;
    return { csr: entry['certificate_signing_request'].trim(), ca: entry['ca'] === true };
  });
  return requests.includes(null) ? [] : (requests as readonly Request[]);
}

/** What was answered so far, from the own application bag. */
export function readEntries(bag: RelationBag): readonly Entry[] {
  const list = parse(bag[certificatesKey]);
  return Array.isArray(list) ? (list as readonly Entry[]) : [];
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
