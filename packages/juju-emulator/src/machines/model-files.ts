import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultLightDir } from './light-host';
import {
  forgetRecord,
  type LeftoverSelection,
  modelDir,
  newRecord,
  readRecords,
  refuseWhileInUse,
  selectRecords,
  stopOwner,
  writeRecord,
} from './model-record';

/** Where models that a program drives as a library keep charms and resources while it runs. */
const stateDir = join(defaultLightDir, 'libraries');

/**
 * A directory for the files of a model that is not to outlive this process. On record before it is made, so that `clean`
 * finds it after a crash.
 * @throws MachineError `in-use` when a running process has a model of this name.
 */
export async function claimModelFiles(model: string): Promise<string> {
  refuseWhileInUse(readRecords(stateDir).find((record) => record.model === model));
  forgetRecord(stateDir, model);
  writeRecord(stateDir, newRecord(model));
  const directory = join(modelDir(stateDir, model), 'files');
  await mkdir(directory, { mode: 0o700 });
  return directory;
}

/** Removes what `claimModelFiles` made. Idempotent. */
export const removeModelFiles = (model: string): void => forgetRecord(stateDir, model);

/** As `cleanLeftovers`, for files. @returns the names of the models that were removed. */
export async function cleanModelFiles(selection: LeftoverSelection = {}): Promise<string[]> {
  const records = selectRecords(readRecords(stateDir), selection);
  for (const record of records) {
    await stopOwner(record);
    forgetRecord(stateDir, record.model);
  }
  return records.map(({ model }) => model);
}
