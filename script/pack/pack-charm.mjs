import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeArchive } from './archive.mjs';
import { bundle, launcherProgram, packageVersion } from './bundle.mjs';
import { deflatedFile } from './deflated-file.mjs';
import { charms } from './charms.mjs';
import { readBases, readContract } from './contract.mjs';
import { dispatch, launcher } from './launchers.mjs';
import { nodeRuntime } from './node-runtime.mjs';

/**
 * Packs a charm for some architectures into `<outDir>/<name>_ubuntu-<bases>-<arch>.charm`.
 * A package whose content did not change since it was written there is left alone.
 * @param {object} options
 * @param {string} options.repoDir
 * @param {string} options.charm a name of charms.mjs
 * @param {('amd64' | 'arm64')[]} options.archs
 * @param {string} options.outDir
 * @param {string} options.cacheDir where the Node runtimes are kept
 * @returns {Promise<{ path: string, written: boolean, bytes: number }[]>} one per architecture
 */
export async function packCharm({ repoDir, charm, archs, outDir, cacheDir }) {
  const charmDir = join(repoDir, charms[charm]);
  const common = await commonEntries(repoDir, charmDir);
  await mkdir(outDir, { recursive: true });
  return Promise.all(
    archs.map(async (arch) => {
      const bases = await readBases(join(repoDir, 'charmcraft.yaml'), arch);
      const node = await nodeRuntime(arch, cacheDir);
      const entries = new Map(common);
      entries.set('manifest.yaml', file(manifest(bases)));
      entries.set('bin/node', { deflated: await deflatedFile(node.binary), executable: true });
      entries.set('bin/LICENSE.node', file(await readFile(node.license)));
      const path = join(outDir, `${charm}_ubuntu-${bases.map((base) => base.channel).join('-')}-${arch}.charm`);
      const written = await writeIfChanged(path, entries, join(cacheDir, 'packed'));
      return { path, written, bytes: (await stat(path)).size };
    }),
  );
}

/** Everything in the package that is the same for all architectures. */
async function commonEntries(repoDir, charmDir) {
  const { hooks, actions, files } = await readContract(charmDir);
  const { code, licenses } = await bundle(repoDir, charmDir);
  // launch.cjs reads it as such; esbuild escapes what is not.
  if (code.some((byte) => byte > 0x7f)) throw new Error(`the bundle of ${charmDir} is not ASCII`);
  const entries = new Map();
  for (const [name, content] of files) entries.set(name, file(content));
  entries.set('LICENSE', file(await readFile(join(repoDir, 'LICENSE'))));
  entries.set('LICENSE.third-party', file(licenses));
  // The bundle's digest instead of a commit: it names what really is in the package, also in a changed work tree.
  entries.set('version', file(`${await packageVersion(repoDir)}+${sha256(code).slice(0, 12)}\n`));
  entries.set('charm.cjs', file(code));
  entries.set('launch.cjs', file(await launcherProgram(repoDir)));
  entries.set('dispatch', executable(dispatch));
  for (const path of [...hooks.map((name) => `hooks/${name}`), ...actions.map((name) => `actions/${name}`)]) {
    entries.set(path, executable(launcher(path)));
  }
  return entries;
}

const file = (content) => ({ content: Buffer.from(content) });
const executable = (content) => ({ content: Buffer.from(content), executable: true });
const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** manifest.yaml: Juju reads only the bases. The moment of packing is left out: the same source gives the same bytes. */
function manifest(bases) {
  return stringify({ 'charmcraft-version': '3.5.0', bases });
}

/** Leaves a package alone whose content is what it should be, so that its time tells when it last changed. */
async function writeIfChanged(path, entries, stampDir) {
  const hash = createHash('sha256');
  for (const name of [...entries.keys()].sort()) {
    const { content, deflated, executable } = entries.get(name);
    hash.update(`${name} ${executable === true} ${deflated?.sha256 ?? sha256(content)}\n`);
  }
  const key = hash.digest('hex');
  const stamp = join(stampDir, sha256(path));
  const last = await readFile(stamp, 'utf8').catch(() => '');
  const size = await stat(path).then(
    (found) => found.size,
    () => -1,
  );
  if (last === `${key} ${size}`) return false;
  await writeArchive(path, entries);
  await mkdir(stampDir, { recursive: true });
  await writeFile(stamp, `${key} ${(await stat(path)).size}`);
  return true;
}
