import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError } from './cli-error';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Where a bare charm name is looked for, in order. */
function charmDirectories(): string[] {
  const given = (process.env['JUJU_EMULATOR_CHARMS'] ?? '').split(':').filter((path) => path !== '');
  return [...given, 'dist', 'charms'];
}

/** A path as it is; a bare name in the charm directories: `<name>_*-<arch>.charm`, `<name>.charm` or a directory. */
export function locateCharm(charm: string): string {
  if (charm.startsWith('./') || charm.startsWith('/') || charm.startsWith('../') || charm.endsWith('.charm')) {
    if (!existsSync(charm)) throw new CliError(`no charm was found at "${charm}"`);
    return resolve(charm);
  }
  const arch = architectures[process.arch] ?? process.arch;
  for (const directory of charmDirectories()) {
    if (!existsSync(directory)) continue;
    const files = readdirSync(directory).sort();
    const packed =
      files.find((file) => file.startsWith(`${charm}_`) && file.endsWith(`-${arch}.charm`)) ??
      files.find((file) => file === `${charm}.charm`);
    if (packed !== undefined) return resolve(directory, packed);
    if (existsSync(join(directory, charm, 'metadata.yaml'))) return resolve(directory, charm);
  }
  throw new CliError(
    `no charm "${charm}" in ${charmDirectories().join(', ')}: give a path (./${charm}.charm) or set JUJU_EMULATOR_CHARMS`,
  );
}
