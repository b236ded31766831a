import { join } from 'node:path';
import { CharmError } from '../domain/errors';
import { leastRevision, type StagedSnapshot } from '../domain/recreation';
import type { StepOf } from '../domain/step';
import { parseDataMarker } from '../ports/data-marker';
import { fileSha256 } from '../ports/file-sha256';
import { raftTail } from '../ports/raft-tail';
import { installedTool, type SnapshotTool } from '../ports/snapshot-tool';
import { writeStaged } from '../ports/staged-snapshot';
import type { Execution } from './execution';
import { runRestore } from './prepare-restore';

/** What an earlier attempt left beside it goes. */
export async function stageSnapshot(step: StepOf<'stage-snapshot'>, { files, paths }: Execution): Promise<void> {
  await writeStaged(step.staged, files, paths);
  const kept = [step.staged.db, ...(step.staged.made ? [paths.recreation.data] : [])];
  for (const name of (await files.list(paths.recreation.directory)) ?? []) {
    const path = join(paths.recreation.directory, name);
    if (!kept.includes(path)) await files.remove(path);
  }
}

/** Written down where the planners see it: a hook that failed for ever would say less, and not to everybody. */
async function note(staged: StagedSnapshot, found: Partial<StagedSnapshot>, execution: Execution): Promise<void> {
  await writeStaged({ ...staged, ...found }, execution.files, execution.paths);
}

export async function checkStaged({ staged }: StepOf<'check-staged'>, execution: Execution): Promise<void> {
  const right = (await fileSha256(staged.db)) === staged.recreation.snapshot.sha256;
  const found = right ? { checked: true } : { problem: 'the snapshot on its disk has changed since it was verified' };
  await note(staged, found, execution);
}

export async function clearStaged({ files, paths }: Execution): Promise<void> {
  // The record last: what it names is gone then.
  await files.remove(paths.recreation.directory);
  await files.remove(paths.recreation.record);
}

/** What cannot be read is noted as such: a restore is often run because data are damaged. */
export async function measureData(execution: Execution): Promise<void> {
  const { files, paths, owner } = execution;
  const marker = parseDataMarker(await files.read(paths.marker), paths.marker);
  if (marker === null) return;
  const tool = await installedTool(execution);
  const { status } = await tool.status(join(paths.data, 'member/snap/db'));
  const lastRevision = status?.revision.toString() ?? null;
  const logEnd = await raftTail(files, paths.data)
    .then((tail) => tail && { term: `${tail.last.term}`, index: `${tail.last.index}`, commit: `${tail.state.commit}` })
    .catch(() => null);
  await files.writeAtomic(paths.marker, `${JSON.stringify({ ...marker, lastRevision, logEnd })}\n`, {
    mode: 0o600,
    ...(owner === null ? {} : { owner }),
  });
}

/** Beside the place of the data, from the beginning each time; what is wrong with the database is noted for the planners. */
export async function restoreData(step: StepOf<'restore-data'>, execution: Execution): Promise<void> {
  const { staged, name, peerUrl } = step;
  const tool = await installedTool(execution);
  const { recreation } = staged;
  const said = await runRestore(tool, staged, { recreation, name, peerUrl }, execution);
  if (said !== null) {
    await note(staged, { problem: `etcd ${tool.version} could not restore the snapshot: ${said}` }, execution);
    throw failed('the snapshot could not be restored');
  }
  const wrong = await whatIsWrong(staged, execution.paths.recreation.data, tool);
  if (wrong !== null) {
    await note(staged, { problem: wrong }, execution);
    throw failed(wrong);
  }
  await note(staged, { made: true }, execution);
}

/** The restored database, before any client can write into it. */
async function whatIsWrong({ recreation }: StagedSnapshot, target: string, tool: SnapshotTool): Promise<string | null> {
  const { status, said } = await tool.status(join(target, 'member/snap/db'));
  if (status === null) return `the restored data are no good: ${said}`;
  // Its other figures count what belongs to the cluster, too: members and terms, which a restore makes anew.
  return status.revision < leastRevision(recreation)
    ? `the restored data end at revision ${status.revision}, and should at ${leastRevision(recreation)} or later`
    : null;
}

/** The note of the problem ends this; the hook is tried again and reads it. */
const failed = (why: string): CharmError =>
  new CharmError({
    code: 'SOURCE_UNUSABLE',
    operation: 'restore data',
    message: `Not restored: ${why}.`,
    retryable: true,
  });

/** By one rename, where nothing is: data are never replaced by it (rule 6). */
export async function adoptData({ files, paths }: Execution): Promise<void> {
  const there = await files.list(paths.data);
  const made = await files.list(paths.recreation.data);
  if (made === null) {
    if (there !== null && there.length > 0) return;
    throw failed('the data directory that was made of the snapshot is gone');
  }
  if (there !== null && there.length > 0) throw failed('other data are in /var/lib/etcd/data');
  if (there !== null) await files.remove(paths.data);
  await files.move(paths.recreation.data, paths.data);
}
