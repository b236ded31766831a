import { copyFile, lstat, mkdir, readlink, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../machines/machine';
import { toolsOf } from '../tools';
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

/** Puts a symlink in one step: units of one machine may do so at once. */
async function link(target: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => '')) === target) return;
  const temporary = `${path}.${process.pid}.${Math.trunc(performance.now() * 1000)}.${(links += 1)}`;
  await symlink(target, temporary);
  await rename(temporary, path);
}
let links = 0;

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Makes the unit's tools directory as Juju does: a link to the one of the agent's version, which has one symlink a hook tool.
 * juju-exec is on the machine's PATH. Idempotent.
 */
export async function makeToolsDirectory(
  machine: Machine,
  paths: AgentPaths,
  clients: Clients,
  agentVersion: string,
): Promise<void> {
  const shared = join(machine.jujuDir, 'tools');
  const version = `${agentVersion}-ubuntu-${architectures[process.arch] ?? process.arch}`;
  const tools = join(shared, version);
  const inTools = (name: string): string => machine.hostPath(join(tools, name));
  await mkdir(machine.hostPath(tools), { recursive: true });
  await place(clients.hookTool, inTools('jujuc'));
  await place(clients.jujuExec, machine.hostPath(join(shared, 'juju-exec')));
  await Promise.all([...toolsOf(agentVersion).keys()].map((name) => link(join(tools, 'jujuc'), inTools(name))));
  await link(version, machine.hostPath(join(shared, `machine-${machine.id}`)));
  await link(tools, machine.hostPath(paths.tools));
  for (const name of ['juju-exec', 'juju-run']) {
    // A machine of its own has it where operators and timers look; in light mode /usr/bin is the host's.
    const onPath = `/usr/bin/${name}`;
    const own = machine.hostPath(onPath) !== onPath && machine.jujuDir === '/var/lib/juju';
    await link(join(shared, 'juju-exec'), own ? machine.hostPath(onPath) : inTools(name));
  }
}
