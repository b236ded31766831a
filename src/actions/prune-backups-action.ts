import type { ActionResults } from '@juju/charm-helpers-ts';
import { planPruning } from '../backup/plan-pruning';
import type { Pruning } from '../domain/backup-catalogue';
import { formatLadder, parseLadder, type KeptFor } from '../domain/backup-retention';
import { defaultRetention } from '../domain/backup-wish';
import { installedTool } from '../ports/snapshot-tool';
import { done, failed, type Action } from './action';
import { mostListed } from './list-backups-action';
import { directoryRefusal } from './refusals';
import { targetOf } from './snapshot-action';
import { formatBytes, byResultKey, formatTable } from './table';

const reasons: Readonly<Record<KeptFor, string>> = {
  newest: 'the newest of its cluster',
  hour: 'the newest of its hour',
  day: 'the newest of its day',
  week: 'the newest of its week',
  undated: 'dated later than now: remove it by hand',
};

/** What goes and what stays, with the reason. */
export function pruningResults({ gone, kept }: Pruning, last: string): ActionResults {
  const rows = [
    ...gone.map(({ name }) => [name, 'no', ''] as const),
    ...[...kept].map(([path, why]) => [path.slice(path.lastIndexOf('/') + 1), 'yes', reasons[why]] as const),
  ].sort(([one], [other]) => (one < other ? 1 : -1));
  const table = formatTable(
    [
      ['NAME', ([name]: (typeof rows)[number]) => name],
      ['KEPT', ([, stays]) => stays],
      ['AS', ([, , why]) => why],
    ],
    rows.slice(0, mostListed),
  );
  const omitted = rows.length > mostListed ? [`and ${rows.length - mostListed} more`] : [];
  return {
    output: [...(rows.length === 0 ? [] : table), ...omitted, last].join('\n'),
    removed: gone.length,
    kept: kept.size,
    bytes: gone.reduce((sum, { size }) => sum + size, 0),
    ...(gone.length === 0
      ? {}
      : { names: byResultKey(gone.slice(0, mostListed).map(({ name, size }) => [name, size])) }),
  };
}

/** `prune-backups`: removes what the ladder does not keep. */
export const action: Action = async ({ parameters, execution, observe, perform, progress }) => {
  const place = targetOf(parameters.text('target'), execution.paths);
  if ('refusal' in place) return failed(place.refusal);
  const { target } = place;
  const refusal = await directoryRefusal(execution.files, target);
  if (refusal !== null) return failed(refusal);
  const option = parameters.text('keep').trim();
  const text = option === '' ? String((await observe()).config['backup-retention'] ?? defaultRetention) : option;
  const ladder = parseLadder(text);
  if (ladder === null)
    return failed(
      `${option === '' ? 'The option backup-retention' : 'keep'} is "${text}", and must say how many are kept, such as ${defaultRetention}; nothing was removed.`,
    );
  const plan = (await planPruning(execution, {
    directory: target,
    tool: await installedTool(execution),
    now: execution.clock.now(),
    ladder,
    unit: null,
    reading: (name) => progress(`prune-backups: reading ${name}`),
  })) ?? { gone: [], kept: new Map() };
  const { gone } = plan;
  const size = formatBytes(gone.reduce((sum, one) => sum + one.size, 0));
  const count = `${gone.length} ${gone.length === 1 ? 'backup' : 'backups'}`;
  const by = `by ${formatLadder(ladder)}`;
  if (gone.length === 0) return done(pruningResults(plan, `nothing to remove from ${target} ${by}`));
  if (parameters.flag('dry-run'))
    return done(
      pruningResults(plan, `nothing was removed; without dry-run ${count} (${size}) go from ${target} ${by}`),
    );
  await perform({ kind: 'remove-backups', target, names: gone.map(({ name }) => name) });
  return done(pruningResults(plan, `removed ${count} (${size}) from ${target} ${by}`));
};
