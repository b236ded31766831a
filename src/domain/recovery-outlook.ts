import { chooseSeeder, describeDisagreements } from './configuration';
import type { UnitName } from './ids';
import { unitOfMember } from './member';
import type { Observed } from './observed';
import { bestSurvivor, type Recovery } from './recovery';
import type { Remains } from './remains';
import { utcTime } from './utc-time';

/** What is known of one unit before a recovery begins. */
export interface UnitOutlook {
  readonly unit: UnitName;
  /** Where it is from: read on this unit now, told by the unit, or only what its running member answers of itself. */
  readonly from: 'read' | 'told' | 'answered' | 'nothing';
  /** Term of the last entry; of a member that only answered, its own. */
  readonly term: bigint | null;
  /** Of the last entry in its log. */
  readonly index: bigint | null;
  readonly commit: bigint | null;
  readonly revision: bigint | null;
  /** Bytes. */
  readonly size: number | null;
  readonly backup: Remains['backup'];
  readonly files: Remains['files'];
}

/** What each unit that would take part has. `own` was read on this unit just now. */
export function outlookOf(observed: Observed, units: readonly UnitName[], own: Remains): readonly UnitOutlook[] {
  return units.map((unit) => {
    if (unit === observed.unit.name) return seenOf(unit, 'read', own);
    const told = observed.peers.others.get(unit)?.remains ?? null;
    return told === null ? answeredBy(observed, unit) : seenOf(unit, 'told', told);
  });
}

const seenOf = (unit: UnitName, from: 'read' | 'told', { log, ...rest }: Remains): UnitOutlook => ({
  ...rest,
  unit,
  from,
  term: log?.term ?? null,
  index: log?.index ?? null,
  commit: log?.commit ?? null,
});

function answeredBy(observed: Observed, unit: UnitName): UnitOutlook {
  const { members, statuses } = observed.cluster;
  const member = members.known ? members.value.find((one) => unitOfMember(observed, one) === unit) : undefined;
  const status = member === undefined ? undefined : statuses.get(member.id);
  const rest = { unit, index: null, backup: null, files: [] };
  if (status?.known !== true) return { ...rest, from: 'nothing', term: null, commit: null, revision: null, size: null };
  const { raftTerm, raftIndex, revision, dbSize } = status.value;
  return { ...rest, from: 'answered', term: raftTerm, commit: raftIndex, revision, size: dbSize };
}

/** With what the new cluster would begin, and what would be lost by it, a line each. */
export function describeOutlook(
  { wanted, failed, masters }: Pick<Recovery, 'wanted' | 'failed' | 'masters'>,
  all: readonly UnitOutlook[],
): readonly string[] {
  if (wanted === 'files') return emptyOutlook(masters, all);
  if (wanted === 'snapshot') return backupOutlook(all);
  const best = bestSurvivor(
    all.flatMap(({ unit, term, index, commit }) =>
      term === null || index === null || commit === null ? [] : [{ unit, has: { term, index, commit } }],
    ),
  );
  const unread = all.filter(({ index }) => index === null).map(({ unit }) => unit);
  if (best === null) {
    const first = 'No unit has told of a log that can be read.';
    return wanted === 'survivor'
      ? [first, `It would be looked for once all have stopped${ofUnits(unread)}.`]
      : [first, `Where none is found once all have stopped${ofUnits(unread)}:`, ...backupOutlook(all)];
  }
  const { term, index, commit } = best.has;
  const unsure = index - commit;
  const lost = failed.length === 0 ? 'lost members' : failed.join(', ');
  return [
    `Would begin with what ${best.unit} has: its log reaches furthest (term ${term}, index ${index}).`,
    ...(unread.length === 0 ? [] : [`Not known yet: how far ${unread.join(', ')} reaches; read once stopped.`]),
    ...(unsure > 0n
      ? [`Kept: its last ${unsure} entries, too, which are not known to be agreed on.`]
      : ['Kept: all its entries, which are all known to be agreed on.']),
    `Lost: what only ${lost} had; nobody can tell how much.`,
  ];
}

const ofUnits = (units: readonly UnitName[]): string => (units.length === 0 ? '' : ` (${units.join(', ')})`);

/** The last revision that any of them knows of. */
function lastRevision(all: readonly UnitOutlook[]): bigint | null {
  return all.reduce<bigint | null>(
    (most, { revision }) => (revision !== null && (most === null || revision > most) ? revision : most),
    null,
  );
}

function backupOutlook(all: readonly UnitOutlook[]): readonly string[] {
  const taken = all.flatMap(({ unit, backup }) => (backup === null ? [] : [{ unit, ...backup }]));
  const [newest] = taken.sort((one, other) => other.takenAt - one.takenAt);
  if (newest === undefined)
    return [
      'No unit has told of a good backup of its own; each would look in /home/ubuntu/etcd-snapshots, and list-backups shows them.',
    ];
  const { unit, takenAt, revision } = newest;
  const last = lastRevision(all);
  const lost =
    last === null
      ? 'Lost: what was written after it; how much is not known.'
      : last > revision
        ? `Lost: revisions ${revision + 1n} to ${last}, and what only lost members had.`
        : 'Lost: nothing that the units know of.';
  return [`Would begin with the newest good backup: of ${utcTime(takenAt)}, revision ${revision}, on ${unit}.`, lost];
}

function emptyOutlook(masters: readonly UnitName[], all: readonly UnitOutlook[]): readonly string[] {
  const last = lastRevision(all);
  const sums = new Map(all.map(({ unit, files }) => [unit, files]));
  const seeder = chooseSeeder(sums);
  const founders =
    masters.length === 0
      ? 'the units that have data stores, where these are three or more, else all'
      : masters.join(', ');
  return [
    `Would begin empty, founded together by ${founders}.`,
    seeder === null
      ? 'No unit has told of a mirrored file: no configuration would come back.'
      : `Mirrored configuration would come back from the files of ${seeder}.`,
    ...(seeder === null ? [] : describeDisagreements(sums, seeder)),
    `Lost: all keys${last === null ? '' : ` up to revision ${last}`} that are not in a mirrored file.`,
  ];
}

/** One content of a mirrored file, and who has it; null for nobody's file. */
export interface FileOutlook {
  readonly file: string;
  readonly sha256: string | null;
  readonly units: readonly UnitName[];
}

/** The mirrored files as the units told of them: one row for each content, so that a file with two rows is not the same everywhere. */
export function filesOutlook(all: readonly UnitOutlook[]): readonly FileOutlook[] {
  const names = [...new Set(all.flatMap(({ files }) => files.map(({ file }) => file)))];
  return names.flatMap((file) => {
    const byContent = new Map<string | null, UnitName[]>();
    for (const { unit, files } of all)
      for (const one of files)
        if (one.file === file) byContent.set(one.sha256, [...(byContent.get(one.sha256) ?? []), unit]);
    return [...byContent].map(([sha256, units]) => ({ file, sha256, units }));
  });
}
