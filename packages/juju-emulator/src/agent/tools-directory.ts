import { copyFile, lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../machines/machine';
import type { ToolRegistry } from '../tools';
import type { AgentPaths } from './agent-paths';

/** The compiled clients on the host. */
export interface Clients {
  readonly hookTool: string;
  readonly jujuExec: string;
}

async function place(source: string, target: string): Promise<void> {
  if ((await lstat(target).catch(() => undefined)) !== undefined) return;
  const temporary = `${target}.${process.pid}.${Math.trunc(performance.now() * 1000)}`;
  await copyFile(source, temporary);
  await rename(temporary, target);
}

async function link(target: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => '')) === target) return;
  await rm(path, { force: true });
  await symlink(target, path);
}

/** Makes the unit's tools directory: one symlink a hook tool, and juju-exec on the machine's PATH. Idempotent. */
export async function makeToolsDirectory(
  machine: Machine,
  paths: AgentPaths,
  clients: Clients,
  tools: ToolRegistry,
): Promise<void> {
  const shared = machine.hostPath(join(machine.jujuDir, 'tools'));
  const own = machine.hostPath(paths.tools);
  await mkdir(own, { recursive: true });
  await place(clients.hookTool, join(shared, 'jujuc'));
  await place(clients.jujuExec, join(shared, 'juju-exec'));
  await Promise.all([...tools.keys()].map((name) => link('../jujuc', join(own, name))));
  for (const name of ['juju-exec', 'juju-run']) {
    await link('../juju-exec', join(own, name));
    // A machine of its own has it where operators and timers look; in light mode /usr/bin is the host's.
    const onPath = `/usr/bin/${name}`;
    if (machine.hostPath(onPath) !== onPath && machine.jujuDir === '/var/lib/juju')
      await link('/var/lib/juju/tools/juju-exec', machine.hostPath(onPath));
  }
}
