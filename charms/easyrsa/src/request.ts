import type { RelationBag, RelationId, UnitName } from '@juju/charm-helpers-ts';
import type { Faults } from './faults';

/**
 * Where in its bag a unit asks, which decides where it is answered:
 * `server`: `common_name` and `sans`; `server-list`: `cert_requests`; `client-list`: `client_cert_requests`.
 */
export type Place = 'server' | 'server-list' | 'client-list';

/** A certificate that a unit asks for (interface tls-certificates, the dialect before CSRs). */
export interface CertificateRequest {
  readonly relation: RelationId;
  readonly unit: UnitName;
  /** What the keys of the answer begin with: the `unit_name` of the request, else the unit's; slashes are underscores. */
  readonly answerAs: string;
  readonly place: Place;
  readonly commonName: string;
  /** The unit's `common_name`, empty where it has none. */
  readonly topLevelName: string;
  /** As asked for, in that order. */
  readonly sans: readonly string[];
}

/** A request that cannot be answered, and why. */
export interface BadRequest {
  readonly relation: RelationId;
  readonly unit: UnitName;
  readonly key: string;
  readonly reason: string;
}

export interface Requests {
  readonly good: readonly CertificateRequest[];
  readonly bad: readonly BadRequest[];
}

/** All that one remote unit asks for. A bag without a request is no error. */
export function readRequests(relation: RelationId, unit: UnitName, bag: RelationBag, faults: Faults): Requests {
  const answerAs = (bag['unit_name'] ?? unit).replaceAll('/', '_');
  const topLevelName = bag['common_name'] ?? '';
  const good: CertificateRequest[] = [];
  const bad: BadRequest[] = [];
  const add = (key: string, place: Place, commonName: string, sans: unknown): void => {
    const reason = problemOf(place, commonName, sans, faults);
    if (reason !== null) bad.push({ relation, unit, key, reason });
    else good.push({ relation, unit, answerAs, place, commonName, topLevelName, sans: sans as readonly string[] });
  };

  if (topLevelName !== '') add('common_name', 'server', topLevelName, topLevelSans(bag['sans'] ?? '', faults));
  for (const [key, place] of listKeys) {
    const text = bag[key] ?? '';
    if (text === '') continue;
    const list = parseJson(text);
    if (!isRecord(list)) bad.push({ relation, unit, key, reason: 'it is no JSON object of common names' });
    else
      for (const [name, entry] of Object.entries(list)) add(key, place, name, isRecord(entry) ? entry['sans'] : null);
  }
  return { good, bad };
}

const listKeys = [
  ['cert_requests', 'server-list'],
  ['client_cert_requests', 'client-list'],
] as const;

function topLevelSans(text: string, faults: Faults): unknown {
  if (text === '') return [];
  const sans = parseJson(text);
  return sans === undefined && faults.lettersAsSans ? [...text] : sans;
}

/** Characters that need no quoting by easy-rsa or openssl, and are enough for host names, addresses and wildcards. */
const plain = /^[A-Za-z0-9.:_@*-]+$/;
/** Client names may have spaces, as the reactive charm allows. */
const plainWithSpaces = /^[A-Za-z0-9.:_@*-][A-Za-z0-9.:_@* -]*$/;
/** X.509's upper bound for a common name. */
const longestName = 64;

function problemOf(place: Place, commonName: string, sans: unknown, faults: Faults): string | null {
  const shown = JSON.stringify(commonName.slice(0, longestName));
  if (commonName.length > longestName) return `the name ${shown}... is longer than ${longestName} characters`;
  if (!(place === 'client-list' ? plainWithSpaces : plain).test(commonName)) {
    return `the name ${shown} has characters that a certificate's name should not have`;
  }
  if (faults.failOnBadRequest && commonName === 'ca') return 'the name is that of the authority';
  if (!Array.isArray(sans) || !sans.every((san) => typeof san === 'string')) {
    return `the sans of ${shown} are no JSON list of strings`;
  }
  // Those of a client certificate are never used.
  const wrong = place === 'client-list' ? undefined : sans.find((san) => !plain.test(san));
  return wrong === undefined ? null : `the SAN ${JSON.stringify(wrong.slice(0, 80))} of ${shown} is no name or address`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
