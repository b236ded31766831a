import { existsSync } from 'node:fs';
import { hostCommand } from './host-command';

interface LoopDevice {
  readonly name: string;
  readonly 'back-file': string | null;
}

async function loopDevices(): Promise<LoopDevice[]> {
  const listed = await hostCommand('list loop devices', ['losetup', '--list', '--json', '--output', 'NAME,BACK-FILE']);
  return listed.trim() === '' ? [] : (JSON.parse(listed) as { loopdevices: LoopDevice[] }).loopdevices;
}

/** A file's name once it is deleted, as the kernel gives it. */
const backFile = (device: LoopDevice): string => (device['back-file'] ?? '').replace(/ \(deleted\)$/, '');

/** The loop device of an image file: the one that it has, or a new one. */
export async function attachLoop(image: string, readOnly: boolean): Promise<string> {
  const known = (await loopDevices()).find((device) => backFile(device) === image);
  if (known !== undefined) return known.name;
  const printed = await hostCommand('attach a disk image', [
    ...['losetup', '--find', '--show', ...(readOnly ? ['--read-only'] : []), image],
  ]);
  return printed.trim();
}

/** Frees the loop devices of files that `owned` names. Idempotent. */
export async function detachLoops(owned: (image: string) => boolean): Promise<void> {
  // No driver, no devices: nothing to ask losetup about.
  if (!existsSync('/dev/loop-control')) return;
  for (const device of await loopDevices())
    if (owned(backFile(device)))
      await hostCommand('detach a disk image', ['losetup', '--detach', device.name], { tolerant: true });
}
