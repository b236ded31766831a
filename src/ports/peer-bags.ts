import type { RelationBag } from '@juju/charm-helpers-ts';
import { CharmError } from '../domain/errors';
import {
  etcdVersion,
  generation,
  unitName,
  url,
  type Generation,
  type MemberId,
  type UnitName,
  type Url,
} from '../domain/ids';
import type { Founding, PeerApplicationBag, PeerUnitBag } from '../domain/observed';
import {
  begunKey,
  formatAcknowledgement,
  formatRecreation,
  parseAcknowledgement,
  parseRecreation,
  recreationKey,
} from './recreation-bags';
import { formatRemains, parseRemains, remainsKey } from './remains-bag';

/**
 * The text form of the `cluster` relation's bags. `db-ingress-address` is the Python charm's key; the others are this charm's.
 * An absent key is null; a value that cannot be read is an error and never taken as absent.
 */
const invalid = (key: string, cause?: unknown): CharmError =>
  new CharmError({
    code: 'BAG_INVALID',
    operation: 'relation-get',
    message: `The cluster relation holds "${key}" in a form that this version of the charm does not know: was it written by a newer one?`,
    cause,
    retryable: false,
  });

function parseGeneration(bag: RelationBag, key: string): Generation | null {
  const text = bag[key];
  if (text === undefined) return null;
  if (!/^[1-9]\d*$/.test(text)) throw invalid(key);
  return generation(Number(text));
}

/** A unit's bag as the planners know it. */
export function parsePeerUnitBag(bag: RelationBag): PeerUnitBag {
  const peerUrl = bag['peer-url'];
  const clientUrl = bag['client-url'];
  const version = bag['version'];
  return {
    peerUrl: peerUrl === undefined ? null : url(peerUrl),
    clientUrl: clientUrl === undefined ? null : url(clientUrl),
    version: version === undefined ? null : etcdVersion(version),
    generation: parseGeneration(bag, 'generation'),
    memberId: (bag['member-id'] as MemberId | undefined) ?? null,
    voter: bag['voter'] === 'true',
    standby: bag['standby'] === 'true',
    neverElected: parseGeneration(bag, 'never-elected'),
    finished: Number(bag['finished'] ?? '0'),
    settings: bag['settings'] ?? null,
    clientAddress: bag['db-ingress-address'] ?? null,
    recreation: parseAcknowledgement(bag[recreationKey]),
    begun: parseRecreation(bag[begunKey]),
    remains: parseRemains(bag[remainsKey]),
  };
}

/** Keys and values for relation-set; null removes the key. */
export function formatPeerUnitBag(bag: PeerUnitBag): Record<string, string | null> {
  return {
    'peer-url': bag.peerUrl,
    'client-url': bag.clientUrl,
    version: bag.version,
    generation: bag.generation === null ? null : String(bag.generation),
    'member-id': bag.memberId,
    voter: bag.voter ? 'true' : null,
    standby: bag.standby ? 'true' : null,
    'never-elected': bag.neverElected === null ? null : String(bag.neverElected),
    finished: bag.finished === 0 ? null : String(bag.finished),
    settings: bag.settings,
    'db-ingress-address': bag.clientAddress,
    [recreationKey]: bag.recreation === null ? null : formatAcknowledgement(bag.recreation),
    [begunKey]: bag.begun === null ? null : formatRecreation(bag.begun),
    [remainsKey]: bag.remains === null ? null : formatRemains(bag.remains),
  };
}

/** The application's bag: `founding`, `members`, `addresses` and `recreation`, each JSON. */
export function parsePeerApplicationBag(bag: RelationBag): PeerApplicationBag {
  return {
    founding: parseFounding(bag['founding']),
    members: parseMembers(bag['members']),
    addresses: parseAddresses(bag['addresses']),
    recreation: parseRecreation(bag[recreationKey]),
  };
}

export function formatFounding(founding: Founding): string {
  const { generation: number, token, initial, recreated } = founding;
  return JSON.stringify({
    generation: number,
    token,
    ...(recreated === true ? { recreated } : {}),
    initial: initial.map(({ unit, peerUrl }) => ({ unit, 'peer-url': peerUrl })),
  });
}

export const formatMembers = (members: ReadonlyMap<MemberId, UnitName>): string =>
  JSON.stringify(Object.fromEntries([...members].sort(([one], [other]) => (one < other ? -1 : 1))));

/** Which unit published which peer URL. */
export const formatAddresses = (addresses: ReadonlyMap<Url, UnitName>): string =>
  JSON.stringify(Object.fromEntries([...addresses].sort(([one], [other]) => (one < other ? -1 : 1))));

function parseAddresses(text: string | undefined): ReadonlyMap<Url, UnitName> {
  if (text === undefined) return new Map();
  return new Map(
    Object.entries(parseObject('addresses', text)).map(([peerUrl, unit]) => {
      if (typeof unit !== 'string') throw invalid('addresses');
      return [url(peerUrl), unitName(unit)];
    }),
  );
}

function parseFounding(text: string | undefined): Founding | null {
  if (text === undefined) return null;
  const value = parseObject('founding', text);
  const { generation: number, token, initial, recreated } = value;
  if (!Number.isInteger(number) || typeof token !== 'string' || !Array.isArray(initial)) throw invalid('founding');
  return {
    generation: generation(number as number),
    token,
    ...(recreated === true ? { recreated } : {}),
    initial: initial.map((entry: unknown) => {
      const member = entry as { readonly unit?: unknown; readonly 'peer-url'?: unknown } | null;
      if (typeof member?.unit !== 'string' || typeof member['peer-url'] !== 'string') throw invalid('founding');
      return { unit: unitName(member.unit), peerUrl: url(member['peer-url']) };
    }),
  };
}

function parseMembers(text: string | undefined): ReadonlyMap<MemberId, UnitName> {
  if (text === undefined) return new Map();
  return new Map(
    Object.entries(parseObject('members', text)).map(([id, unit]) => {
      if (typeof unit !== 'string') throw invalid('members');
      return [id as MemberId, unitName(unit)];
    }),
  );
}

function parseObject(key: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(key, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(key);
  return value as Record<string, unknown>;
}
