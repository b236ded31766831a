import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { runCharm, type CharmRun } from '@juju/charm-helpers-ts';
import { createCharm } from '../../src/charm';
import { scheduledProgram } from '../../src/backup/main';
import { startGate } from '../../src/gate/main';
import { configMirror } from '../../src/mirror/main';
import { systemClock } from '../../src/ports/clock-system';
import { NodeFiles } from '../../src/ports/files-node';
import { makePaths } from '../../src/ports/paths';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { standbyLink } from '../../src/standby/main';
import type { Wiring } from '../../src/wiring';
import { CrashDirectory, CrashPoints, crashingFiles, crashingServices } from './crash-points';
import { ProcessServiceManager } from './service-manager-process';

/** The charm directory is at var/lib/juju/agents/unit-X-N/charm of the machine. */
export const lightRoot = (charmDir: string): string => resolve(charmDir, '../../../../../..');

/** A tenth, but not so soon that one timer follows upon the other: Juju runs their commands before the hooks that are due. */
const leastTimer = 2;
const hastened = (asked: number): number => Math.min(asked, Math.max(leastTimer, asked / 10));

/** A light machine: everything below its directory, etcd as a plain process, one user. */
function lightWiring({ context }: CharmRun): Wiring {
  const root = lightRoot(context.charmDir);
  const points = new CrashPoints(new CrashDirectory(process.env['LIGHT_CRASHES'] ?? ''), root, context.unit);
  const paths = makePaths(root);
  const files = crashingFiles(new NodeFiles(), points, paths);
  const services = new ProcessServiceManager({
    root,
    files,
    clock: systemClock,
    supervisor: process.env['LIGHT_SUPERVISOR'] ?? '',
    seconds: hastened,
    jujuExec: join(root, 'var/lib/juju/tools/juju-exec'),
  });
  return {
    paths,
    files,
    processes: new ExecaProcesses(),
    services: crashingServices(services, points),
    clock: systemClock,
    owner: null,
    hostname: hostname(),
    architecture: process.arch,
    program: { node: process.execPath, bundle: __filename, release: `${process.version} light` },
    entropy: randomBytes(16).toString('hex'),
  };
}

/** The second composition root: the same charm on a light machine. Only test/support/light-charm.ts builds it into a charm. */
if (require.main === module) {
  const [what, ...args] = process.argv.slice(2);
  const running =
    what === 'start-gate'
      ? startGate(args)
      : what === 'backup-run' || what === 'drill-run'
        ? scheduledProgram([what, ...args])
        : what === 'config-mirror'
          ? configMirror(args)
          : what === 'standby-link'
            ? standbyLink(args)
            : runCharm(() => createCharm(lightWiring));
  void running.then((code) => {
    process.exitCode = code;
  });
}
