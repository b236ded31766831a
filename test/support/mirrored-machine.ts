import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterId, Url } from '../../src/domain/ids';
import { renderMirrorSettings, type MirrorEntry, type MirrorNote, type MirrorSettings } from '../../src/domain/mirror';
import { ConfigMirror } from '../../src/mirror/config-mirror';
import { systemClock } from '../../src/ports/clock-system';
import { Etcd3Keys } from '../../src/ports/etcd-keys-etcd3';
import { NodeFiles } from '../../src/ports/files-node';
import { Etcd3KeyWatch } from '../../src/ports/key-watch-etcd3';
import { makePaths, type Paths } from '../../src/ports/paths';
import type { PemCredentials } from '../../src/ports/pem-credentials';
import { ExecaProcesses } from '../../src/ports/processes-execa';
import { until } from './until';

export const anEntry = (changes: Partial<MirrorEntry> = {}): MirrorEntry => ({
  key: '/shared',
  file: '/etc/shared',
  reload: null,
  mode: 0o644,
  owner: null,
  ...changes,
});

/** A directory that plays a machine with a mirror, in this process or in one of its own. */
export class MirroredMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'mirrored-'));
  readonly said: string[] = [];
  readonly paths: Paths = makePaths(this.root);
  /** What its settings say of whose member it has; taken up with the next start. */
  cluster: ClusterId | null = null;
  private mirror: ConfigMirror | null = null;
  private running: Promise<void> = Promise.resolve();
  private child: ChildProcess | null = null;
  /** Ends what the mirror waits for. */
  private ending = new AbortController();

  constructor(
    private readonly credentials: PemCredentials,
    private readonly endpoints: readonly Url[],
    private readonly entries: readonly MirrorEntry[] = [anEntry()],
  ) {}

  write(file: string, content: string): void {
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    writeFileSync(join(this.root, file), content);
  }

  read(file: string): string | null {
    const path = join(this.root, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }

  list(directory: string): string[] {
    return existsSync(join(this.root, directory)) ? readdirSync(join(this.root, directory)) : [];
  }

  /** What it wrote down of a file. */
  note(file: string): MirrorNote | undefined {
    const { notes } = JSON.parse(this.read('var/lib/etcd-mirror/state.json') ?? '{"notes":[]}') as {
      notes: MirrorNote[];
    };
    return notes.find((one) => one.file === file);
  }

  /**
   * In this process. Without `lookEveryMs` nothing is looked at but what the watch tells and what a new watch begins with: as if the next
   * look at everything were far off.
   */
  start(lookEveryMs = 3_600_000): void {
    const { signal } = this.ending;
    mkdirSync(dirname(this.paths.mirror.state), { recursive: true });
    this.mirror = new ConfigMirror(
      {
        cluster: this.cluster,
        files: new NodeFiles(() => Promise.resolve(null)),
        processes: new ExecaProcesses(),
        root: this.root,
        replaced: this.paths.mirror.replaced,
        say: (line) => void this.said.push(line),
        clock: {
          ...systemClock,
          sleep: (ms) => delay(ms, undefined, { signal }).catch(() => undefined),
        },
        state: this.paths.mirror.state,
        endpoints: () => Promise.resolve(this.endpoints),
        connect: () =>
          Promise.resolve({ keys: new Etcd3Keys(this.credentials), watch: new Etcd3KeyWatch(this.credentials) }),
        lookEveryMs,
      },
      this.entries,
    );
    this.running = this.mirror.run();
  }

  async stop(): Promise<void> {
    this.mirror?.stop();
    this.ending.abort();
    await this.running;
    this.ending = new AbortController();
    this.mirror = null;
  }

  /** Bytes that the process of its own has in use once all garbage is collected. */
  async used(): Promise<number> {
    const report = (): { readonly reports: number; readonly used: number } =>
      JSON.parse(this.read('memory.json') ?? '{"reports":0,"used":0}') as ReturnType<typeof report>;
    const { reports } = report();
    this.child?.kill('SIGUSR2');
    return until('it tells its memory', () => report().reports > reports && report().used, { timeoutMs: 20_000 });
  }

  private settings(): MirrorSettings {
    return { cluster: this.cluster, others: this.endpoints, entries: this.entries };
  }

  /** In a process of its own, as systemd runs it. */
  spawn(program: string, lookEveryMs = 100): number {
    const { paths } = this;
    for (const [path, content] of [
      [paths.pki.ca, this.credentials.ca],
      [paths.pki.clientCertificate, this.credentials.certificate],
      [paths.pki.clientKey, this.credentials.key],
      [paths.mirror.settings, renderMirrorSettings(this.settings())],
      [paths.gate.release, 'test'],
    ] as const)
      this.write(path.slice(this.root.length), content);
    mkdirSync(dirname(paths.mirror.running), { recursive: true });
    const measured = ['--expose-gc', '--require', join(__dirname, 'report-memory.cjs')];
    const args = ['--max-old-space-size=96', ...measured, program, 'config-mirror', this.root, String(lookEveryMs)];
    const env = { ...process.env, MEMORY_REPORT: join(this.root, 'memory.json') };
    this.child = spawn(process.execPath, args, { stdio: 'ignore', env });
    return this.child.pid ?? 0;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.kill();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The charm's program in one file, below `directory`. */
export function bundledProgram(directory: string): string {
  execFileSync(process.execPath, [join(__dirname, 'bundle-light.mjs'), directory], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return join(directory, 'etcd.cjs');
}
