import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(__dirname, '../..');

/** Paths of the packed charms, for amd64. */
export interface PackedCharms {
  readonly etcd: string;
  readonly easyrsa: string;
  readonly localCa: string;
  readonly client: string;
}

let packed: PackedCharms | undefined;

/**
 * Packs the charms of this checkout, once in a test process (half a second when nothing changed).
 * `PACKED_CHARMS_DIR`: take them from there instead, e.g. what a CI run is about to publish.
 */
export function packedCharms(): PackedCharms {
  if (packed !== undefined) return packed;
  const given = process.env['PACKED_CHARMS_DIR'];
  if (given === undefined)
    execFileSync(process.execPath, [join(repository, 'script/pack.mjs'), '--arch', 'amd64'], {
      cwd: repository,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const directory = given ?? join(repository, 'dist');
  const find = (name: string): string => {
    const file = readdirSync(directory).find((each) => each.startsWith(`${name}_`) && each.endsWith('-amd64.charm'));
    if (file === undefined) throw new Error(`no ${name} charm in ${directory}: run \`npm run pack\``);
    return join(directory, file);
  };
  packed = { etcd: find('etcd'), easyrsa: find('easyrsa'), localCa: find('local-ca'), client: find('etcd-client') };
  return packed;
}

/** Path of the etcd release archive of a minor version, as `juju deploy --resource etcd=` takes it. */
export function etcdArchive(minor: string): string {
  return execFileSync(join(repository, 'script/etcd-binaries'), [minor, '--print-path'], {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}
