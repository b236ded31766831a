import type { ActionResults } from '@juju/charm-helpers-ts';
import type { UnitName } from '../domain/ids';
import type { Observed } from '../domain/observed';
import {
  describeOutlook,
  filesOutlook,
  outlookOf,
  type FileOutlook,
  type UnitOutlook,
} from '../domain/recovery-outlook';
import type { Recreation } from '../domain/recreation';
import { observeRemains } from '../observe/observe-remains';
import type { ActionCall } from './action';
import { formatBytes, formatTable, resultKey } from './table';

const sources = {
  auto: 'the unit whose log reaches furthest; without any readable log the newest good backup; without one the configuration on the disks',
  survivor: 'the unit whose log reaches furthest',
  snapshot: 'the newest good backup on any of the units',
  files: 'an empty store and the configuration on the disks',
};

const unknownUntil = { read: 'none', told: 'none', answered: 'once stopped', nothing: 'not told' } as const;
const or = (value: bigint | null, missing: string): string => (value === null ? missing : `${value}`);
const logEnd = ({ index, from }: UnitOutlook): string => or(index, unknownUntil[from]);
const sizeOf = ({ size }: UnitOutlook): string => (size === null ? 'unknown' : formatBytes(size));

const columns = [
  ['UNIT', ({ unit }: UnitOutlook) => unit],
  ['TERM', ({ term }: UnitOutlook) => or(term, '-')],
  ['LAST ENTRY', logEnd],
  ['COMMITTED', ({ commit }: UnitOutlook) => or(commit, '-')],
  ['REVISION', ({ revision }: UnitOutlook) => or(revision, 'unknown')],
  ['SIZE', sizeOf],
] as const;

const fileColumns = [
  ['FILE', ({ file }: FileOutlook) => file],
  ['SHA256', ({ sha256 }: FileOutlook) => sha256 ?? 'missing'],
  ['UNITS', ({ units }: FileOutlook) => units.join(',')],
] as const;

const resultOf = (one: UnitOutlook): ActionResults => ({
  unit: one.unit,
  from: one.from,
  term: or(one.term, 'unknown'),
  index: logEnd(one),
  commit: or(one.commit, 'unknown'),
  revision: or(one.revision, 'unknown'),
  size: sizeOf(one),
  ...(one.backup === null ? {} : { 'backup-revision': `${one.backup.revision}` }),
  ...(one.files.length === 0
    ? {}
    : { files: one.files.map(({ file, sha256 }) => `${file} ${sha256 ?? 'missing'}`).join('\n') }),
});

/** The dry run of a recovery: what it would do, with what each unit has, and what would be lost. */
export async function describePlan(
  { execution }: ActionCall,
  observed: Observed,
  { generation, replaces, recovery }: Recreation,
  units: readonly UnitName[],
): Promise<{ readonly results: ActionResults; readonly lines: readonly string[] }> {
  const { files, paths } = execution;
  const { mirror, backup, cluster } = observed;
  const own = await observeRemains({ files, paths, own: cluster.local, mirror, backup });
  const all = outlookOf(observed, units, own);
  const said = filesOutlook(all);
  const failed = recovery?.failed ?? [];
  return {
    results: { survivors: Object.fromEntries(all.map((one) => [resultKey(one.unit), resultOf(one)])) },
    lines: [
      `Would recover as generation ${generation}, in place of generation ${replaces}, by ${units.join(', ')}.`,
      `Begins with: ${sources[recovery?.wanted ?? 'auto']}.`,
      ...formatTable<UnitOutlook>(columns, all),
      ...(recovery === null ? [] : describeOutlook(recovery, all)),
      ...(said.length === 0 ? [] : formatTable<FileOutlook>(fileColumns, said)),
      `Not waited for: ${failed.length === 0 ? 'nobody' : `${failed.join(', ')}, whose machines must be powered off`}.`,
      'Old data directories are moved aside on every unit, none is removed.',
    ],
  };
}
