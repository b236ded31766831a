// Builds dist/juju-emulator.cjs when a source is newer, then runs it in this process.
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageDir = join(dirname(fileURLToPath(import.meta.url)), '..');
const bundle = join(packageDir, 'dist', 'juju-emulator.cjs');
const native = join(packageDir, 'native');

function newest(directory) {
  let latest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

export async function buildBundle() {
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > newest(join(packageDir, 'src'))) return;
  const { build } = await import('esbuild');
  mkdirSync(dirname(bundle), { recursive: true });
  const unfinished = `${bundle}.${process.pid}`;
  await build({
    entryPoints: [join(packageDir, 'src/cli/entry.ts')],
    outfile: unfinished,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  renameSync(unfinished, bundle);
}

export async function launch(role) {
  await buildBundle();
  process.env.JUJU_EMULATOR_ROLE = role;
  process.env.JUJU_EMULATOR_HOOK_TOOL_SOURCE ??= join(native, 'hook-tool.c');
  process.env.JUJU_EMULATOR_JUJU_EXEC_SOURCE ??= join(native, 'juju-exec.c');
  process.argv[1] = bundle;
  createRequire(import.meta.url)(bundle);
}
