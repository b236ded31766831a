#!/usr/bin/env node
// npm run bench: the paired measurements of benchmark/*.bench.ts. See --help.
import { build } from 'esbuild';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine } from '../script/lib/command-line.mjs';
import { inlineEtcdProto } from '../script/pack/inline-etcd-proto.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
// The emulator compiles these; a bundle elsewhere would not find them.
const native = join(here, '..', 'packages', 'juju-emulator', 'native');
process.env.JUJU_EMULATOR_HOOK_TOOL_SOURCE ??= join(native, 'hook-tool.c');
process.env.JUJU_EMULATOR_JUJU_EXEC_SOURCE ??= join(native, 'juju-exec.c');

const directory = mkdtempSync(join(tmpdir(), 'etcd-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
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
const { main, usage, names } = createRequire(import.meta.url)(outfile);
const { positionals } = commandLine('npm run bench', usage, {}, names);
mkdirSync(join(here, 'results'), { recursive: true });
await main(join(here, '..'), positionals);
