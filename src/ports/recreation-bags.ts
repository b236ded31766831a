import { CharmError } from '../domain/errors';
import { etcdVersion, generation, unitName } from '../domain/ids';
import { recreationPhases, type Acknowledgement, type Recreation, type RecreationPhase } from '../domain/recreation';

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

export function formatAcknowledgement({
  token,
  generation: number,
  phase,
  problem,
  revision,
}: Acknowledgement): string {
  return JSON.stringify({ token, generation: number, phase, problem, revision: revisionText(revision) });
}

export function parseAcknowledgement(text: string | undefined): Acknowledgement | null {
  if (text === undefined) return null;
  const value = fieldsOf(text);
  return {
    token: textOf(value, 'token'),
    generation: generation(numberOf(value, 'generation')),
    phase: phaseOf(value),
    problem: textOrNull(value, 'problem'),
    revision: revisionOrNull(value, 'revision'),
  };
}

export function formatRecreation(recreation: Recreation): string {
  const { snapshot, lastRevision } = recreation;
  return JSON.stringify({
    ...recreation,
    snapshot: { ...snapshot, revision: revisionText(snapshot.revision) },
    lastRevision: revisionText(lastRevision),
  });
}

export function parseRecreation(text: string | undefined): Recreation | null {
  return text === undefined ? null : recreationOf(fieldsOf(text));
}

/** @throws where it is not what {@link formatRecreation} wrote. */
export function recreationOf(value: Fields): Recreation {
  const { units, snapshot, purpose } = value;
  if (purpose !== 'restore' && purpose !== 'recovery') throw invalid();
  if (!Array.isArray(units) || !units.every((unit) => typeof unit === 'string')) throw invalid();
  const facts = asFields(snapshot);
  const revision = revisionOrNull(facts, 'revision');
  if (revision === null) throw invalid();
  return {
    generation: generation(numberOf(value, 'generation')),
    token: textOf(value, 'token'),
    purpose,
    phase: phaseOf(value),
    creator: unitName(textOf(value, 'creator')),
    units: units.map(unitName),
    version: etcdVersion(textOf(value, 'version')),
    snapshot: {
      sha256: textOf(facts, 'sha256'),
      revision,
      keys: numberOf(facts, 'keys'),
      hash: numberOf(facts, 'hash'),
    },
    bump: value['bump'] === true,
    replaces: generation(numberOf(value, 'replaces')),
    lastRevision: revisionOrNull(value, 'lastRevision'),
    touched: value['touched'] === true,
    problem: textOrNull(value, 'problem'),
    finishedAt: typeof value['finishedAt'] === 'number' ? value['finishedAt'] : null,
  };
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

function phaseOf(value: Fields): RecreationPhase {
  const phase = recreationPhases.find((one) => one === value['phase']);
  if (phase === undefined) throw invalid();
  return phase;
}
