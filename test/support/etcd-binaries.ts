import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { extract } from 'tar';

/** The minor versions that the charm supports: a test for each runs, or is skipped with its name. */
export const supportedMinors = ['3.4', '3.5', '3.6', '3.7'] as const;

/** A directory with etcd's programs of one version, for tests against the real thing. */
export interface EtcdBinaries {
  /** `3.5.16` */
  readonly name: string;
  readonly directory: string;
  /** The release archive that they come from. */
  readonly archive: string;
}

/** Where script/etcd-binaries puts release archives. */
const store = join(process.env['JUJU_EMULATOR_CACHE'] ?? '/var/cache/juju-emulator', 'etcd');
const unpacked = resolve(__dirname, '../../.cache/etcd-test');

/** All releases for this machine that set-up has put here, oldest first; unpacked once. */
export function etcdBinaries(): readonly EtcdBinaries[] {
  if (!existsSync(store)) return [];
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return readdirSync(store)
    .flatMap((file) => {
      const [, name, of] = /^etcd-v(\d+\.\d+\.\d+)-linux-([a-z0-9]+)\.tar\.gz$/.exec(file) ?? [];
      return name === undefined || of !== architecture ? [] : [{ name, archive: join(store, file) }];
    })
    .sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }))
    .map(({ name, archive }) => ({ name, archive, directory: unpackOnce(name, archive) }));
}

/** The same for a test file with a suite for each: where there is none, that is said, and `what` is shown as skipped. */
export function etcdVersions(what: string): readonly EtcdBinaries[] {
  const versions = etcdBinaries();
  if (versions.length === 0) {
    console.log('SKIPPED: no etcd programs here; script/setup puts them there');
    test.skip(what, () => undefined);
  }
  return versions;
}

function unpackOnce(name: string, archive: string): string {
  const directory = join(unpacked, name);
  if (existsSync(directory)) return directory;
  const part = `${directory}.${process.pid}.part`;
  mkdirSync(part, { recursive: true });
  extract({ file: archive, cwd: part, strip: 1, sync: true });
  try {
    renameSync(part, directory);
  } catch {
    // Another test process was faster.
    rmSync(part, { recursive: true, force: true });
  }
  return directory;
}
