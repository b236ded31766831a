import type { CharmRun } from '@juju/charm-helpers-ts';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { systemClock } from './ports/clock-system';
import type { Clock } from './ports/clock';
import { NodeFiles } from './ports/files-node';
import type { Files } from './ports/files';
import { makePaths, type Paths } from './ports/paths';
import { ExecaProcesses } from './ports/processes-execa';
import type { Processes } from './ports/processes';
import type { ServiceManager } from './ports/service-manager';
import { SystemdServiceManager } from './ports/service-manager-systemd';
import { serviceUser } from './ports/service-unit';

/** This charm as a program. */
export interface CharmProgram {
  readonly node: string;
  readonly bundle: string;
  /** Version of Node, a space, and the charm's own, which names its content. */
  readonly release: string;
}

/** What differs between a machine and a test's private root. Everything else is made from it in src/charm.ts. */
export interface Wiring {
  readonly paths: Paths;
  readonly files: Files;
  readonly processes: Processes;
  readonly services: ServiceManager;
  readonly clock: Clock;
  /** Owner of etcd's files; null where everything runs as one user. */
  readonly owner: string | null;
  readonly hostname: string;
  readonly architecture: string;
  /** What the start gate gets copies of. */
  readonly program: CharmProgram;
  /** Random for this hook, 32 hex digits. */
  readonly entropy: string;
}

/** A real machine: systemd, `/`, the user etcd. */
export function machineWiring({ context }: CharmRun): Wiring {
  const paths = makePaths();
  const files = new NodeFiles();
  const processes = new ExecaProcesses();
  return {
    paths,
    files,
    processes,
    services: new SystemdServiceManager(processes, files, paths.serviceUnits, () => systemClock.now()),
    clock: systemClock,
    owner: serviceUser,
    hostname: hostname(),
    architecture: process.arch,
    program: {
      node: process.execPath,
      bundle: join(context.charmDir, 'charm.cjs'),
      release: `${process.version} ${readFileSync(join(context.charmDir, 'version'), 'utf8').trim()}`,
    },
    entropy: randomBytes(16).toString('hex'),
  };
}
