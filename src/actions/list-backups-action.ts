import type { ActionResults } from '@juju/charm-helpers-ts';
import { listBackups } from '../backup/catalogue';
import { archivePattern } from '../domain/backup';
import type { ListedFile } from '../domain/backup-catalogue';
import { utcTime } from '../domain/utc-time';
import { installedTool } from '../ports/snapshot-tool';
import { done, failed, type Action } from './action';
import { directoryRefusal } from './refusals';
import { targetOf } from './snapshot-action';
import { byResultKey, formatBytes, formatTable, type Column } from './table';

/** In a word what a file is; only the first two can be restored. */
export function kindOf({
  found,
  name,
}: ListedFile): 'backup' | 'foreign backup' | 'no good' | 'unfinished' | 'not a backup' {
  if (found.kind === 'good')
    return found.good.manifest !== null && archivePattern.test(name) ? 'backup' : 'foreign backup';
  return ({ bad: 'no good', unfinished: 'unfinished', other: 'not a backup' } as const)[found.kind];
}

/** Results are arguments of a program, which may not be of any length. */
export const mostListed = 200;

/** A name may have any character in it. */
const inOneLine = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?');

const good = (file: ListedFile) => (file.found.kind === 'good' ? file.found.good : null);
const manifest = (file: ListedFile) => good(file)?.manifest ?? null;

const columns: readonly Column<ListedFile>[] = [
  ['NAME', ({ name }) => inOneLine(name)],
  ['KIND', kindOf],
  ['TIME', ({ time }) => utcTime(time)],
  ['SIZE', ({ size }) => formatBytes(size)],
  ['REVISION', (file) => good(file)?.revision ?? ''],
  ['KEYS', (file) => good(file)?.totalKeys.toString() ?? ''],
  ['UNIT', (file) => manifest(file)?.unit ?? ''],
  ['MEMBER', (file) => manifest(file)?.member ?? ''],
  ['CLUSTER', (file) => manifest(file)?.clusterId ?? ''],
  ['FORM', (file) => good(file)?.form ?? ''],
  ['VERIFIED', ({ found }) => (found.kind === 'good' ? utcTime(Date.parse(found.verifiedAt)) : 'no')],
];

function resultOf(file: ListedFile): ActionResults {
  const { found, path, size, time } = file;
  const facts = { kind: kindOf(file), path, size, time: utcTime(time) };
  if (found.kind === 'bad') return { ...facts, verified: 'no', why: found.why };
  if (found.kind !== 'good') return { ...facts, verified: 'no' };
  const { revision, totalKeys, form, etcdVersion } = found.good;
  const made = manifest(file);
  return {
    ...facts,
    revision,
    keys: totalKeys,
    form,
    version: etcdVersion ?? 'unknown',
    ...(made === null ? {} : { unit: made.unit, member: made.member, 'cluster-id': made.clusterId }),
    verified: utcTime(Date.parse(found.verifiedAt)),
  };
}

/** The listing as a table with the reasons below it, and as data. */
export function listingResults(files: readonly ListedFile[], target: string): ActionResults {
  const backups = files.filter(({ found }) => found.kind === 'good');
  const shown = files.slice(0, mostListed);
  const omitted = files.length > mostListed ? [`and ${files.length - mostListed} more, older ones`] : [];
  const reasons = shown.flatMap(({ found }) => (found.kind === 'bad' ? [inOneLine(found.why)] : []));
  const [newest] = backups;
  const last =
    newest === undefined
      ? `no good backup in ${target}`
      : `${backups.length} good ${backups.length === 1 ? 'backup' : 'backups'} in ${target}; the newest: ${newest.name}`;
  return {
    output: [...(files.length === 0 ? [] : formatTable(columns, shown)), ...omitted, ...reasons, last].join('\n'),
    count: backups.length,
    ...(newest === undefined ? {} : { newest: newest.path }),
    ...(files.length === 0 ? {} : { files: byResultKey(shown.map((file) => [file.name, resultOf(file)])) }),
  };
}

/** `list-backups`: what is in a directory, and what of it is good. */
export const action: Action = async ({ parameters, execution, progress }) => {
  const place = targetOf(parameters.text('target'), execution.paths);
  if ('refusal' in place) return failed(place.refusal);
  const { target } = place;
  const refusal = await directoryRefusal(execution.files, target);
  if (refusal !== null) return failed(refusal);
  const files = await listBackups(execution, {
    directory: target,
    tool: await installedTool(execution),
    now: execution.clock.now(),
    again: () => parameters.flag('again'),
    reading: (name) => progress(`list-backups: reading ${name}`),
  });
  if (files === null) return done({ output: `no good backup in ${target}: there is no such directory`, count: 0 });
  return done(listingResults(files, target));
};
