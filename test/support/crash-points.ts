import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Files } from '../../src/ports/files';
import type { Paths } from '../../src/ports/paths';
import type { ServiceManager } from '../../src/ports/service-manager';

/** A moment in the life of a unit at which the charm can be killed: right before an effect, or right after an executed step. */
export interface CrashPoint {
  readonly unit: string;
  /** `file etc/etcd/etcd.conf.yml`, `service start`, `after start-etcd`, ... */
  readonly label: string;
  /** The n-th time that this unit comes to it, from 1. */
  readonly occurrence: number;
  /** The whole machine goes down there: the charm stands still until the test has stopped it. Else the hook alone is killed. */
  readonly machine?: boolean;
}

const nameOf = ({ unit, label, occurrence }: CrashPoint): string => `${unit} ${label} ${occurrence}`;

/**
 * A directory that a run and its charms share, outside the machines so that it outlives them: `points.json` says where to kill,
 * `struck` lists where that happened, and `UNIT.effects` what each unit came to.
 */
export class CrashDirectory {
  /** A charm that began before others were chosen is still killed where it was to be. */
  private readonly everChosen = new Map<string, CrashPoint>();

  constructor(readonly path: string) {}

  choose(points: readonly CrashPoint[]): void {
    for (const point of points) this.everChosen.set(nameOf(point), point);
    writeFileSync(join(this.path, 'points.json'), JSON.stringify(points));
  }

  chosen(): readonly CrashPoint[] {
    return JSON.parse(readFileSync(join(this.path, 'points.json'), 'utf8')) as readonly CrashPoint[];
  }

  struck(): readonly CrashPoint[] {
    const chosen = this.chosen().map(nameOf);
    return this.everStruck().filter((point) => chosen.includes(nameOf(point)));
  }

  /** Also of what was chosen before. */
  everStruck(): readonly CrashPoint[] {
    const file = join(this.path, 'struck');
    const names = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return [...this.everChosen.values()].filter((point) => names.includes(nameOf(point)));
  }

  strike(point: CrashPoint): void {
    appendFileSync(join(this.path, 'struck'), `${nameOf(point)}\n`);
    if (point.machine === true) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    process.kill(0, 'SIGKILL');
  }

  /** Adds an effect. @returns its number among those of its label. */
  add(unit: string, label: string): number {
    appendFileSync(this.effectsFile(unit), `${label}\n`);
    return this.effects(unit).filter((each) => each === label).length;
  }

  effects(unit: string): string[] {
    const file = this.effectsFile(unit);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  private effectsFile(unit: string): string {
    return join(this.path, `${unit.replace('/', '-')}.effects`);
  }
}

/**
 * Counts the effects of a unit's charm and kills the hook, with all that it started in its process group, at the points that the
 * test chose. The journal's line follows the step's effect: the moment before it is right after the step.
 */
export class CrashPoints {
  private readonly chosen: readonly CrashPoint[];

  constructor(
    private readonly directory: CrashDirectory,
    private readonly root: string,
    private readonly unit: string,
  ) {
    this.chosen = directory.chosen().filter((point) => point.unit === unit);
  }

  /** Each point is come to once: its number is one higher the next time. */
  reach(label: string): void {
    const occurrence = this.directory.add(this.unit, label);
    const point = this.chosen.find((each) => each.label === label && each.occurrence === occurrence);
    if (point !== undefined) this.directory.strike(point);
  }

  /** Paths without what differs from run to run. */
  name(path: string): string {
    return relative(this.root, path).replace(/data-[\dTZ-]+/, 'data-TIME');
  }
}

/** Files whose changes are crash points. */
export function crashingFiles(files: Files, points: CrashPoints, paths: Paths): Files {
  const at = (path: string): void => points.reach(`file ${points.name(path)}`);
  return {
    read: (path) => files.read(path),
    readPart: (path, offset, length) => files.readPart(path, offset, length),
    list: (path) => files.list(path),
    readLink: (path) => files.readLink(path),
    freeBytes: (path) => files.freeBytes(path),
    makeDirectory: (path, options) => files.makeDirectory(path, options),
    writeAtomic(path, content, options) {
      at(path);
      return files.writeAtomic(path, content, options);
    },
    move(from, to) {
      at(to);
      return files.move(from, to);
    },
    link(target, path) {
      at(path);
      return files.link(target, path);
    },
    remove(path) {
      at(path);
      return files.remove(path);
    },
    size: (path) => files.size(path),
    usage: (path) => files.usage(path),
    // A link costs a light machine nothing, and nothing replaces these files while it lives.
    copy(from, to) {
      at(to);
      return files.link(from, to);
    },
    append(path, line, options) {
      if (path === paths.journal) points.reach(`after ${stepOf(line)}`);
      return files.append(path, line, options);
    },
  };
}

/** A service manager whose changes are crash points. */
export function crashingServices(services: ServiceManager, points: CrashPoints): ServiceManager {
  const at = <T>(label: string, act: () => Promise<T>): Promise<T> => {
    points.reach(`service ${label}`);
    return act();
  };
  return {
    state: (service) => services.state(service),
    install: (service, unitFile) => at('install', () => services.install(service, unitFile)),
    start: (service) => at('start', () => services.start(service)),
    restart: (service) => at('restart', () => services.restart(service)),
    stop: (service) => at('stop', () => services.stop(service)),
    disable: (service) => at('disable', () => services.disable(service)),
    uninstall: (service) => at('uninstall', () => services.uninstall(service)),
    calendarFault: (expression) => services.calendarFault(expression),
    installTimer: (name, unit, timer) => at('install-timer', () => services.installTimer(name, unit, timer)),
    uninstallTimer: (name) => at('uninstall-timer', () => services.uninstallTimer(name)),
    wakeLater: (name, seconds, command) => at('wake-later', () => services.wakeLater(name, seconds, command)),
  };
}

function stepOf(journalLine: string): string {
  const { step, outcome } = JSON.parse(journalLine) as { step: { kind: string }; outcome: string };
  return outcome === 'done' ? step.kind : `${step.kind}, ${outcome}`;
}
