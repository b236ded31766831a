import { join } from 'node:path';

/** Paths of one unit's agent on its machine: Juju's layout below the juju directory. */
export interface AgentPaths {
  readonly base: string;
  readonly charm: string;
  readonly tools: string;
  readonly state: string;
  readonly manifest: string;
  readonly resources: string;
  readonly agentSocket: string;
  readonly runSocket: string;
}

/** `app/0` -> `unit-app-0`. */
export const unitTag = (unit: string): string => `unit-${unit.replace('/', '-')}`;

export function agentPaths(jujuDir: string, unit: string): AgentPaths {
  const tag = unitTag(unit);
  const base = join(jujuDir, 'agents', tag);
  return {
    base,
    charm: join(base, 'charm'),
    tools: join(jujuDir, 'tools', tag),
    state: join(base, 'state', 'uniter.json'),
    manifest: join(base, 'state', 'manifest.json'),
    resources: join(base, 'resources'),
    agentSocket: join(base, 'agent.socket'),
    runSocket: join(base, 'run.socket'),
  };
}
