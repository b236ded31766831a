#!/usr/bin/env node
// npm run bench [-- NAME...]: runs the paired measurements of benchmark/*.bench.ts; tables on stdout, JSON in benchmark/results/.
import { build } from 'esbuild';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inlineEtcdProto } from '../script/pack/inline-etcd-proto.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
// The emulator compiles these; a bundle elsewhere would not find them.
const native = join(here, '..', 'packages', 'juju-emulator', 'native');
process.env.JUJU_EMULATOR_HOOK_TOOL_SOURCE ??= join(native, 'hook-tool.c');
process.env.JUJU_EMULATOR_JUJU_EXEC_SOURCE ??= join(native, 'juju-exec.c');

const directory = mkdtempSync(join(tmpdir(), 'etcd-bench-'));
try {
  const outfile = join(directory, 'main.cjs');
  await build({
    entryPoints: [join(here, 'main.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outfile,
    plugins: [inlineEtcdProto],
    logLevel: 'warning',
  });
  mkdirSync(join(here, 'results'), { recursive: true });
  await createRequire(import.meta.url)(outfile).main(join(here, '..'), process.argv.slice(2));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
