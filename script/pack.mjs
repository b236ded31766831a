#!/usr/bin/env node
// Packs the charms of this repository: npm run pack, or script/pack.mjs. See --help.
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine, wrongCall } from './lib/command-line.mjs';
import { charms } from './pack/charms.mjs';
import { packCharm } from './pack/pack-charm.mjs';

const repoDir = dirname(dirname(fileURLToPath(import.meta.url)));
const usage = `
script/pack.mjs [--arch ARCH,...] [--out DIRECTORY] [--cache DIRECTORY] [CHARM...]   (npm run pack -- the same)

Packs the charms of this repository, or only those named: ${Object.keys(charms).join(', ')}.
  --arch ARCH,...     amd64, arm64 or both (default)
  --out DIRECTORY     where the packages go (default dist); one that did not change is left alone
  --cache DIRECTORY   where the Node runtimes are kept (default .cache/pack)
`;
const { values, positionals } = commandLine(
  'script/pack.mjs',
  usage,
  {
    arch: { type: 'string', multiple: true, default: ['amd64,arm64'] },
    out: { type: 'string', default: join(repoDir, 'dist') },
    cache: { type: 'string', default: join(repoDir, '.cache', 'pack') },
  },
  Object.keys(charms),
);
const wanted =
  positionals.length > 0
    ? positionals
    : Object.keys(charms).filter((name) => existsSync(join(repoDir, charms[name], 'metadata.yaml')));
const archs = values.arch.flatMap((list) => list.split(','));
for (const arch of archs)
  if (!['amd64', 'arm64'].includes(arch))
    wrongCall('script/pack.mjs', `no architecture "${arch}"; there are amd64, arm64`);

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
