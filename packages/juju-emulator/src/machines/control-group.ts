import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const mountPoint = '/sys/fs/cgroup';

/** Hierarchies that track processes: the unified one, and beside it systemd's own on a hybrid host. */
function hierarchies(): string[] {
  if (existsSync(join(mountPoint, 'cgroup.controllers'))) return [mountPoint];
  return [join(mountPoint, 'unified'), join(mountPoint, 'systemd')].filter((path) => existsSync(path));
}

/** Puts itself in the control groups named before `--` in its arguments, then becomes the rest. */
const enterGroups = 'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 127; shift; done; shift; exec "$@"';

/** The control group `name` (a relative path) in every hierarchy of the host: what belongs to it can be found and killed. */
export class ControlGroup {
  constructor(readonly name: string) {}

  /** Directories of this group, one for each hierarchy. */
  directories(): string[] {
    return hierarchies().map((root) => join(root, this.name));
  }

  /** Makes the group. Idempotent. */
  create(): void {
    for (const directory of this.directories()) mkdirSync(directory, { recursive: true });
  }

  /** The command that runs `argv` in the group `below` this one, with `env` as it stands (a shell would add `PWD`). */
  entering(argv: readonly string[], env: Readonly<Record<string, string>>, below = ''): string[] {
    const directories = this.directories().map((directory) => join(directory, below));
    for (const directory of directories) mkdirSync(directory, { recursive: true });
    const working = env['PWD'] === undefined ? ['-u', 'PWD'] : [`PWD=${env['PWD']}`];
    return ['/bin/sh', '-c', enterGroups, 'sh', ...directories, '--', '/usr/bin/env', ...working, ...argv];
  }

  /** Process ids in this group and all below it. */
  processes(): number[] {
    return [...new Set(this.directories().flatMap(processesBelow))];
  }

  /** Kills until nothing is left; gives up after `deadlineMs`. @returns whether nothing is left. */
  async killAll(deadlineMs = 5000): Promise<boolean> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const left = this.processes();
      if (left.length === 0) return true;
      if (performance.now() > deadline) return false;
      this.freeze(false); // a frozen process of the old freezer would not die
      for (const pid of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // gone meanwhile
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Suspends or resumes every process of the group, as a hypervisor pauses a machine. */
  freeze(frozen: boolean): void {
    for (const directory of this.directories()) {
      const file = join(directory, 'cgroup.freeze');
      if (existsSync(file)) writeFileSync(file, frozen ? '1' : '0');
    }
  }

  /** Removes the empty group with all below it. Idempotent. */
  remove(): void {
    for (const directory of this.directories()) removeBelow(directory);
  }
}

function children(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(directory, entry.name));
  } catch {
    return [];
  }
}

function processesBelow(directory: string): number[] {
  let own: number[] = [];
  try {
    own = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    // gone meanwhile, or a threaded group
  }
  return [...own, ...children(directory).flatMap(processesBelow)];
}

function removeBelow(directory: string): void {
  children(directory).forEach(removeBelow);
  try {
    rmdirSync(directory);
  } catch {
    // gone already, or still busy: the next clean finds it
  }
}
