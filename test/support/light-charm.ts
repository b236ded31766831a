import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { create } from 'tar';
import { CrashDirectory, type CrashPoint } from './crash-points';
import { etcdBinaries } from './etcd-binaries';

const repository = resolve(__dirname, '../..');
const supervisor = join(__dirname, 'service-supervisor.sh');

/** Charms for light mode, bundled once in a test process, and the etcd that they install. */
export class LightCharms {
  private constructor(private readonly directory: string) {}

  static make(): LightCharms {
    const directory = mkdtempSync(join(tmpdir(), 'light-charms-'));
    execFileSync(process.execPath, [join(__dirname, 'bundle-light.mjs'), directory], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return new LightCharms(directory);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A charm directory of easyrsa. */
  easyrsa(): string {
    return this.charm('easyrsa', join(repository, 'charms/easyrsa'), 'easyrsa.cjs', {});
  }

  /** A charm directory of local-ca. */
  localCa(): string {
    return this.charm('local-ca', join(repository, 'charms/local-ca'), 'local-ca.cjs', {});
  }

  /** A charm directory of etcd, wired for light machines; its charm is killed once at each of `crashAt`. */
  etcd(crashAt: readonly CrashPoint[]): {
    readonly charm: string;
    readonly crashes: CrashDirectory;
  } {
    const crashes = new CrashDirectory(mkdtempSync(join(this.directory, 'crashes-')));
    crashes.choose(crashAt);
    const charm = this.charm('etcd', repository, 'etcd.cjs', {
      LIGHT_SUPERVISOR: supervisor,
      LIGHT_CRASHES: crashes.path,
    });
    return { charm, crashes };
  }

  /** A release archive of etcd with the programs alone and without compression: unpacked by every unit of every run. */
  archive(minor = '3.5'): string {
    const found = etcdBinaries().find(({ name }) => name.startsWith(`${minor}.`));
    if (found === undefined) throw new Error(`no etcd ${minor} on this machine: script/setup puts it there`);
    const name = `${basename(found.archive, '.tar.gz')}`;
    const file = join(this.directory, `${name}.tar.gz`);
    if (existsSync(file)) return file;
    const tree = join(this.directory, 'archive', name);
    mkdirSync(tree, { recursive: true });
    // etcdutl is there from 3.5 on.
    for (const program of ['etcd', 'etcdctl', 'etcdutl'].filter((one) => existsSync(join(found.directory, one))))
      copyFileSync(join(found.directory, program), join(tree, program));
    create({ file, cwd: join(tree, '..'), gzip: { level: 0 }, sync: true }, [name]);
    return file;
  }

  /** `dispatch` runs the bundle from where it was built, so that all units share one compile cache. */
  private charm(name: string, source: string, bundle: string, environment: Readonly<Record<string, string>>): string {
    const directory = mkdtempSync(join(this.directory, `${name}-`));
    for (const file of ['metadata.yaml', 'config.yaml', 'actions.yaml'])
      if (existsSync(join(source, file))) copyFileSync(join(source, file), join(directory, file));
    const exports = Object.entries({ ...environment, NODE_COMPILE_CACHE: join(this.directory, 'compile-cache') });
    const lines = exports.map(([key, value]) => `export ${key}='${value}'`);
    writeFileSync(
      join(directory, 'dispatch'),
      [
        '#!/bin/sh',
        ...lines,
        `exec '${process.execPath}' --no-warnings '${join(this.directory, bundle)}' "$@"`,
        '',
      ].join('\n'),
      { mode: 0o755 },
    );
    return directory;
  }
}

/** Path of the supervisor, for the boot of a light machine. */
export const serviceSupervisor = supervisor;
