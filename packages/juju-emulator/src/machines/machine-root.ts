import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { ControlGroup } from './control-group';
import { hostCommand } from './host-command';
import { disconnect } from './model-network';
import { modelTag } from './model-record';

/** Where the machine's root is mounted: short, because the path of a unix socket has at most 107 characters. */
export function rootMount(model: string, id: string): string {
  return join('/run/juju-emulator', modelTag(model), id);
}

/** Control group of a machine: supervisor, container and what the agent started there. */
export function machineGroup(model: string, id: string): ControlGroup {
  return new ControlGroup(`juju-emulator/${model}/${id}`);
}

/** Removes what a machine has on the host; its processes must be dead. Idempotent. */
export async function removeMachine(model: string, id: string, directory: string): Promise<void> {
  const root = rootMount(model, id);
  const group = machineGroup(model, id);
  await group.killAll();
  group.remove();
  await unmountBelow(root);
  await disconnect(model, id);
  await rm(root, { recursive: true, force: true });
  await rm(directory, { recursive: true, force: true });
}

async function unmountBelow(root: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path === root || path.startsWith(`${root}/`));
  for (const path of mounts.reverse()) await hostCommand('unmount the machine’s disk', ['umount', '--lazy', path]);
}

/** A path as the machine resolves it, whose links mean its own root, as a path on the host. */
export function resolveBelow(root: string, path: string, depth = 0): string {
  let at = root;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (const [index, part] of parts.entries()) {
    const next = join(at, part);
    const isLink = lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (isLink && depth < 40) {
      const target = resolve('/', relative(root, dirname(next)), readlinkSync(next));
      return resolveBelow(root, join(target, ...parts.slice(index + 1)), depth + 1);
    }
    at = part === '..' ? (at === root ? root : dirname(at)) : next;
  }
  return at;
}
