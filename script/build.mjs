#!/usr/bin/env node
// Bundles the charms without packing them: npm run build, or script/build.mjs. See --help.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './pack/bundle.mjs';
import { commandLine } from './lib/command-line.mjs';
import { charms } from './pack/charms.mjs';

const repoDir = dirname(dirname(fileURLToPath(import.meta.url)));
const usage = `
script/build.mjs [CHARM...]   (npm run build -- the same)

Bundles the charms into dist/CHARM/charm.cjs without packing them, all or only those named: ${Object.keys(charms).join(', ')}.
`;
const { positionals: named } = commandLine('script/build.mjs', usage, {}, Object.keys(charms));
const wanted =
  named.length > 0
    ? named
    : Object.keys(charms).filter((name) => existsSync(join(repoDir, charms[name], 'metadata.yaml')));

for (const charm of wanted) {
  const { code } = await bundle(repoDir, join(repoDir, charms[charm]));
  const target = join(repoDir, 'dist', charm, 'charm.cjs');
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
  console.log(`dist/${charm}/charm.cjs  ${(code.length / 1e3).toFixed(0)} kB`);
}
