#!/usr/bin/env node
// Packs the charms of this repository: npm run pack, or script/pack.mjs [--arch amd64,arm64] [--out dist] [CHARM...]
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { charms } from './pack/charms.mjs';
import { packCharm } from './pack/pack-charm.mjs';

const repoDir = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    arch: { type: 'string', multiple: true, default: ['amd64,arm64'] },
    out: { type: 'string', default: join(repoDir, 'dist') },
    cache: { type: 'string', default: join(repoDir, '.cache', 'pack') },
  },
});

const unknown = positionals.filter((name) => !(name in charms));
if (unknown.length > 0) {
  console.error(`unknown charm ${unknown.join(', ')}; there are: ${Object.keys(charms).join(', ')}`);
  process.exit(2);
}
const wanted =
  positionals.length > 0
    ? positionals
    : Object.keys(charms).filter((name) => existsSync(join(repoDir, charms[name], 'metadata.yaml')));
const archs = values.arch.flatMap((list) => list.split(','));

try {
  const packed = await Promise.all(
    wanted.map((charm) =>
      packCharm({ repoDir, charm, archs, outDir: resolve(values.out), cacheDir: resolve(values.cache) }),
    ),
  );
  for (const { path, written, bytes } of packed.flat()) {
    console.log(`${relative(process.cwd(), path)}  ${(bytes / 1e6).toFixed(1)} MB${written ? '' : '  (unchanged)'}`);
  }
} catch (error) {
  console.error(`packing failed: ${error.message}`);
  process.exitCode = 1;
}
