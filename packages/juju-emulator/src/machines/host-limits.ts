import { readFileSync, writeFileSync } from 'node:fs';
import { MachineError } from './machine-error';

const instances = '/proc/sys/fs/inotify/max_user_instances';
/** A machine's systemd takes 6 to 8 of them; the kernel's default of 128 is used up by about fifteen machines. */
const instancesWanted = 1024;

/**
 * Raises the host's limit of inotify instances if it is too low for many machines, as LXD's documentation tells its users to. A machine
 * that finds none left hangs while it boots. Never lowers it.
 * @throws MachineError `command-failed` where it may not be written: it says what to set.
 */
export function raiseHostLimits(): void {
  if (Number(readFileSync(instances, 'utf8')) >= instancesWanted) return;
  try {
    writeFileSync(instances, String(instancesWanted));
  } catch (cause) {
    const what = `sysctl fs.inotify.max_user_instances=${instancesWanted}`;
    throw new MachineError('command-failed', 'prepare the host', `many machines need: ${what}`, { cause });
  }
}
