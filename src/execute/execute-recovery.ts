import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { scheduledTarget } from '../backup/scheduled-backup';
import { readBackupState } from '../backup/state-file';
import { saveSurvivor } from '../backup/survivor';
import { parseBackupSettings } from '../domain/backup-schedule';
import { CharmError } from '../domain/errors';
import type { Recreation, SnapshotFacts, StagedSnapshot } from '../domain/recreation';
import { unitName, type UnitName } from '../domain/ids';
import type { StepOf } from '../domain/step';
import { verifyBackup } from '../ports/backup-verify';
import { parseDataMarker } from '../ports/data-marker';
import { asideMarkerOf, isAsideMarker } from '../ports/paths';
import { installedTool } from '../ports/snapshot-tool';
import type { Execution } from './execution';
import { stageSnapshot } from './execute-recreation';

type Offer = Pick<StagedSnapshot, 'db' | 'size' | 'hasHash' | 'takenAt' | 'problem' | 'damaged'> & {
  readonly facts: SnapshotFacts;
};

const nothing: SnapshotFacts = { sha256: '', revision: 0n, keys: 0, hash: 0 };

async function stage(recreation: Recreation, unit: UnitName, offer: Offer, execution: Execution): Promise<void> {
  const { facts, ...rest } = offer;
  const staged = {
    ...rest,
    recreation: { ...recreation, creator: unit, snapshot: facts },
    alone: false,
    checked: true,
    made: false,
  };
  await stageSnapshot({ kind: 'stage-snapshot', staged }, execution);
}

/** The data of a generation that were moved aside last. */
async function asideOf({ files, paths }: Execution, replaces: number): Promise<string | null> {
  const names = ((await files.list(paths.aside)) ?? []).filter((name) => !isAsideMarker(name)).sort();
  for (const name of names.reverse()) {
    const path = join(paths.aside, asideMarkerOf(name));
    const marker = parseDataMarker(await files.read(path), path);
    if (marker?.generation === replaces) return join(paths.aside, name);
  }
  return null;
}

/** What cannot be made of the data is noted for the planners: a hook that failed for ever would say less. */
export async function saveOffer({ recreation }: StepOf<'save-survivor'>, execution: Execution): Promise<void> {
  const { files, paths, owner, context } = execution;
  const unit = unitName(context.unit);
  const db = paths.recreation.db(recreation.token);
  await files.makeDirectory(paths.recreation.directory, { mode: 0o700, ...(owner === null ? {} : { owner }) });
  const failed = (problem: string, damaged = false): Promise<void> =>
    stage(
      recreation,
      unit,
      { db, size: 0, hasHash: false, takenAt: null, problem, damaged, facts: nothing },
      execution,
    );
  const data = await asideOf(execution, recreation.replaces);
  if (data === null) return failed('its old data are not under /var/lib/etcd/aside any more');
  const scratch = join(paths.recreation.directory, 'survivor');
  try {
    const { sha256, revision, keys, hash, size } = await saveSurvivor(execution, { data, scratch, db, user: owner });
    const facts = { sha256, revision, keys, hash };
    await stage(
      recreation,
      unit,
      { db, size, hasHash: false, takenAt: null, problem: null, damaged: false, facts },
      execution,
    );
  } catch (error) {
    if (!(error instanceof CharmError)) throw error;
    // What may be otherwise later is of the machine, a full disk for one, and not of the data.
    await failed(error.message, !error.retryable);
  }
}

/** Where this unit's backups may be: the default place, that of the schedule, and where the last good one went. */
async function backupDirectories({ files, paths }: Execution): Promise<readonly string[]> {
  const { lastGood } = await readBackupState(files, paths);
  const schedule = parseBackupSettings(await files.read(paths.schedule.settings));
  const all = [
    paths.snapshots,
    ...(schedule === null ? [] : [scheduledTarget(schedule, paths)]),
    ...(lastGood === null ? [] : [dirname(lastGood.path)]),
  ];
  const there = await Promise.all(
    [...new Set(all)].map(async (one) => ((await files.list(one)) === null ? [] : [one])),
  );
  return there.flat();
}

/** None is no problem of this unit: another one may have some. */
export async function stageNewest({ recreation }: StepOf<'stage-newest'>, execution: Execution): Promise<void> {
  const { paths, files, owner, context } = execution;
  const directories = await backupDirectories(execution);
  if (directories.length === 0) return;
  const db = paths.recreation.db(recreation.token);
  const scratch = paths.recreation.db(`${recreation.token}-candidate`);
  await files.makeDirectory(paths.recreation.directory, { mode: 0o700, ...(owner === null ? {} : { owner }) });
  let best: Offer | null = null;
  for (const directory of directories) {
    const found = await verifyBackup(directory, { scratch, tool: await installedTool(execution) });
    if (!found.good) continue;
    const { sha256, revision, totalKeys, hash, size, hasHash, manifest, path } = found;
    const takenAt = manifest === null ? (await stat(path)).mtimeMs : Date.parse(manifest.takenAt);
    if ((best?.takenAt ?? -Infinity) >= takenAt) continue;
    await files.move(scratch, db);
    const facts = { sha256, revision, keys: totalKeys, hash };
    best = { db, size, hasHash, takenAt, problem: null, damaged: false, facts };
  }
  await files.remove(scratch);
  if (best !== null) await stage(recreation, unitName(context.unit), best, execution);
}
