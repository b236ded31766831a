import { parseBackupSettings } from '../domain/backup-schedule';
import { systemClock } from '../ports/clock-system';
import { NodeFiles } from '../ports/files-node';
import { makePaths } from '../ports/paths';
import { ExecaProcesses } from '../ports/processes-execa';
import { holdLock } from '../ports/run-lock';
import { runBackup, runDrill, type ScheduledRun } from './scheduled-backup';

/** How long a run waits for another to end: longer, and the next of the schedule comes anyway. */
const patienceSeconds = 600;

const runs: Readonly<Record<string, (run: ScheduledRun) => Promise<void>>> = {
  'backup-run': runBackup,
  'drill-run': runDrill,
};

/** `backup-run ROOT` or `drill-run ROOT`, run by systemd's timer without any hook. Gives the exit status; the reason of a failure is for the journal. */
export async function scheduledProgram([command = '', root = '/']: readonly string[]): Promise<number> {
  const paths = makePaths(root);
  const files = new NodeFiles();
  try {
    const run = runs[command];
    if (run === undefined) throw new Error(`${command} is not one of ${Object.keys(runs).join(', ')}`);
    const settings = parseBackupSettings(await files.read(paths.schedule.settings));
    if (settings === null)
      throw new Error(`${paths.schedule.settings} says nothing: no backups are scheduled on this unit`);
    const machine = { files, paths, processes: new ExecaProcesses() };
    const lock = await holdLock(paths.schedule.lock, patienceSeconds);
    try {
      await run({ machine, settings, clock: systemClock, say: (line) => process.stdout.write(`${line}\n`) });
    } finally {
      await lock.release();
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
