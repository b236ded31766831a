// Bundles the charms for light mode: bundle-light.mjs OUT_DIR -> etcd.cjs, easyrsa.cjs, local-ca.cjs. Run by light-charm.ts.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { bundle } from '../../script/pack/bundle.mjs';
import { inlineEtcdProto } from '../../script/pack/inline-etcd-proto.mjs';

const repoDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [outDir] = process.argv.slice(2);
await mkdir(outDir, { recursive: true });

const etcd = await esbuild.build({
  absWorkingDir: repoDir,
  entryPoints: ['test/support/light-main.ts'],
  outfile: 'etcd.cjs',
  write: false,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [inlineEtcdProto],
});
const [easyrsa, localCa] = await Promise.all(
  ['easyrsa', 'local-ca'].map((name) => bundle(repoDir, join(repoDir, 'charms', name))),
);

for (const [name, content] of [
  ['etcd.cjs', etcd.outputFiles[0].contents],
  ['easyrsa.cjs', easyrsa.code],
  ['local-ca.cjs', localCa.code],
]) {
  // Whole or not at all: another test process may be reading it.
  const unfinished = join(outDir, `${name}.${process.pid}`);
  await writeFile(unfinished, content);
  await rename(unfinished, join(outDir, name));
}
