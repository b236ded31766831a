import { CharmError } from '../domain/errors';
import type { FileSum } from '../domain/mirror';
import { etcdVersion, generation, unitName, type UnitName } from '../domain/ids';
import {
  isSourced,
  recreationPhases,
  type Acknowledgement,
  type Recreation,
  type RecreationPhase,
  type RecoveryOffer,
  type SnapshotFacts,
  type SourcedRecreation,
} from '../domain/recreation';
import { recoverySources, type LogEnd, type Recovery, type RecoverySource } from '../domain/recovery';

/** Key of both bags of the `cluster` relation; JSON, revisions as decimal text. */
export const recreationKey = 'recreation';

/** Key of a unit's bag: a {@link Recreation} that its disk is ahead with. */
export const begunKey = 'recreation-begun';

const invalid = (cause?: unknown): CharmError =>
  new CharmError({
    code: 'BAG_INVALID',
    operation: 'relation-get',
    message: `The cluster relation holds "${recreationKey}" in a form that this version of the charm does not know: was it written by a newer one?`,
    cause,
    retryable: false,
  });

const revisionText = (revision: bigint | null): string | null => revision?.toString() ?? null;

export function formatAcknowledgement(said: Acknowledgement): string {
  const { token, generation: number, phase, tried, problem, revision, quorum, tail, offer, damaged, choice } = said;
  const { files, duty, loads } = said.configuration;
  return JSON.stringify({
    token,
    generation: number,
    phase,
    ...(tried === null ? {} : { tried }),
    problem,
    revision: revisionText(revision),
    ...(quorum ? { quorum } : {}),
    ...(tail === null ? {} : { tail: { term: `${tail.term}`, index: `${tail.index}`, commit: `${tail.commit}` } }),
    ...(offer === null ? {} : { offer: { snapshot: formatSnapshot(offer.snapshot), takenAt: offer.takenAt } }),
    ...(damaged ? { damaged } : {}),
    ...(choice === null ? {} : { choice }),
    ...(files.length === 0 ? {} : { files: Object.fromEntries(files.map(({ file, sha256 }) => [file, sha256])) }),
    ...(duty ? {} : { duty }),
    ...(loads.length === 0 ? {} : { loads }),
  });
}

const formatSnapshot = (snapshot: SnapshotFacts): object => ({
  ...snapshot,
  revision: revisionText(snapshot.revision),
});

export function parseAcknowledgement(text: string | undefined): Acknowledgement | null {
  if (text === undefined) return null;
  const value = fieldsOf(text);
  return {
    token: textOf(value, 'token'),
    generation: generation(numberOf(value, 'generation')),
    phase: phaseOf(value),
    tried: triedOf(value),
    problem: textOrNull(value, 'problem'),
    revision: revisionOrNull(value, 'revision'),
    quorum: value['quorum'] === true,
    tail: (value['tail'] ?? null) === null ? null : logEndOf(asFields(value['tail'])),
    offer: (value['offer'] ?? null) === null ? null : offerOf(asFields(value['offer'])),
    damaged: value['damaged'] === true,
    choice: textOrNull(value, 'choice'),
    configuration: {
      files: sumsOf(value['files'] ?? {}),
      duty: value['duty'] !== false,
      loads: textsOf(value['loads'] ?? []),
    },
  };
}

function sumsOf(value: unknown): readonly FileSum[] {
  return Object.entries(asFields(value)).map(([file, sha256]) => {
    if (sha256 !== null && typeof sha256 !== 'string') throw invalid();
    return { file, sha256 };
  });
}

function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((one): one is string => typeof one === 'string')) throw invalid();
  return value;
}

function logEndOf(value: Fields): LogEnd {
  const numberAt = (key: string): bigint => {
    const number = revisionOrNull(value, key);
    if (number === null) throw invalid();
    return number;
  };
  return { term: numberAt('term'), index: numberAt('index'), commit: numberAt('commit') };
}

const offerOf = (value: Fields): RecoveryOffer => ({
  snapshot: snapshotOf(asFields(value['snapshot'])),
  takenAt: typeof value['takenAt'] === 'number' ? value['takenAt'] : null,
});

function snapshotOf(facts: Fields): SnapshotFacts {
  const revision = revisionOrNull(facts, 'revision');
  if (revision === null) throw invalid();
  return { sha256: textOf(facts, 'sha256'), revision, keys: numberOf(facts, 'keys'), hash: numberOf(facts, 'hash') };
}

function recoveryOf(value: Fields): Recovery {
  const { wanted, chosen, failed, masters, kept, unusable } = value;
  const seeder = textOrNull(value, 'seeder');
  const source = (one: unknown): RecoverySource | null => recoverySources.find((known) => known === one) ?? null;
  if (wanted !== 'auto' && source(wanted) === null) throw invalid();
  return {
    wanted: wanted === 'auto' ? wanted : (source(wanted) as RecoverySource),
    chosen: source(chosen),
    why: textOrNull(value, 'why'),
    failed: namesOf(failed),
    masters: namesOf(masters),
    kept: typeof kept === 'number' ? kept : null,
    seeder: seeder === null ? null : unitName(seeder),
    unusable: unusableOf(unusable ?? []),
  };
}

const namesOf = (value: unknown): readonly UnitName[] => textsOf(value).map(unitName);

function unusableOf(value: unknown): Recovery['unusable'] {
  if (!Array.isArray(value)) throw invalid();
  return value.map((one) => ({ unit: unitName(textOf(asFields(one), 'unit')), why: textOf(asFields(one), 'why') }));
}

export const formatRecreation = (recreation: Recreation): string => JSON.stringify(fieldsFor(recreation));

function fieldsFor({ snapshot, lastRevision, founded, tried, ...rest }: Recreation): object {
  return {
    ...rest,
    snapshot: snapshot === null ? null : formatSnapshot(snapshot),
    lastRevision: revisionText(lastRevision),
    ...(founded === null ? {} : { founded: fieldsFor(founded) }),
    ...(tried === null ? {} : { tried }),
  };
}

export function parseRecreation(text: string | undefined): Recreation | null {
  return text === undefined ? null : recreationOf(fieldsOf(text));
}

/** @throws where it is not what {@link formatRecreation} wrote. */
export function recreationOf(value: Fields): Recreation {
  const { units, snapshot, purpose, recovery, founded } = value;
  const creator = textOrNull(value, 'creator');
  if (purpose !== 'restore' && purpose !== 'recovery') throw invalid();
  return {
    generation: generation(numberOf(value, 'generation')),
    token: textOf(value, 'token'),
    purpose,
    phase: phaseOf(value),
    creator: creator === null ? null : unitName(creator),
    units: namesOf(units),
    version: etcdVersion(textOf(value, 'version')),
    snapshot: (snapshot ?? null) === null ? null : snapshotOf(asFields(snapshot)),
    recovery: (recovery ?? null) === null ? null : recoveryOf(asFields(recovery)),
    bump: value['bump'] === true,
    replaces: generation(numberOf(value, 'replaces')),
    lastRevision: revisionOrNull(value, 'lastRevision'),
    touched: value['touched'] === true,
    founded: (founded ?? null) === null ? null : recreationOf(asFields(founded)),
    tried: triedOf(value),
    problem: textOrNull(value, 'problem'),
    finishedAt: typeof value['finishedAt'] === 'number' ? value['finishedAt'] : null,
  };
}

/** The same, of one whose database is known. */
export function sourcedOf(value: Fields): SourcedRecreation {
  const recreation = recreationOf(value);
  if (!isSourced(recreation)) throw invalid();
  return recreation;
}

type Fields = Readonly<Record<string, unknown>>;

function asFields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid();
  return value as Fields;
}

function fieldsOf(text: string): Fields {
  try {
    return asFields(JSON.parse(text));
  } catch (cause) {
    throw invalid(cause);
  }
}

function textOf(value: Fields, key: string): string {
  const text = value[key];
  if (typeof text !== 'string') throw invalid();
  return text;
}

const textOrNull = (value: Fields, key: string): string | null =>
  (value[key] ?? null) === null ? null : textOf(value, key);

function numberOf(value: Fields, key: string): number {
  const number = value[key];
  if (!Number.isSafeInteger(number)) throw invalid();
  return number as number;
}

function revisionOrNull(value: Fields, key: string): bigint | null {
  const text = textOrNull(value, key);
  if (text === null) return null;
  if (!/^\d+$/.test(text)) throw invalid();
  return BigInt(text);
}

const triedOf = (value: Fields): Recreation['tried'] =>
  (value['tried'] ?? null) === null ? null : generation(numberOf(value, 'tried'));

function phaseOf(value: Fields): RecreationPhase {
  const phase = recreationPhases.find((one) => one === value['phase']);
  if (phase === undefined) throw invalid();
  return phase;
}
