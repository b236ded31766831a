import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { inlineEtcdProto } from './inline-etcd-proto.mjs';
import { thirdPartyLicenses } from './third-party-licenses.mjs';

/** A program of one file, without dependencies. */
const oneFile = {
  write: false,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minifySyntax: true,
  // Node reads and hashes the whole text in every hook.
  minifyWhitespace: true,
  logLevel: 'warning',
};

/**
 * Bundles a charm into one CommonJS file without dependencies, for Node 20 and newer.
 * Names are kept, so that a stack trace in debug-log can be read.
 * @param {string} repoDir
 * @param {string} charmDir its entry is hooks/dispatch.ts, else src/main.ts
 * @returns {Promise<{ code: Buffer, licenses: Buffer }>}
 */
export async function bundle(repoDir, charmDir) {
  const entry = [join(charmDir, 'hooks', 'dispatch.ts'), join(charmDir, 'src', 'main.ts')].find((path) =>
    existsSync(path),
  );
  if (entry === undefined) throw new Error(`${charmDir} has neither hooks/dispatch.ts nor src/main.ts`);
  const result = await esbuild.build({
    absWorkingDir: repoDir,
    entryPoints: [entry],
    outfile: 'charm.cjs',
    ...oneFile,
    metafile: true,
    legalComments: 'none',
    plugins: [inlineEtcdProto],
  });
  return {
    code: Buffer.from(result.outputFiles[0].contents),
    licenses: await thirdPartyLicenses(repoDir, Object.keys(result.metafile.inputs)),
  };
}

/** The program that runs a bundle with what V8 made of it before: launch.cjs. */
export async function launcherProgram(repoDir) {
  const result = await esbuild.build({
    absWorkingDir: repoDir,
    entryPoints: [join(repoDir, 'packages', 'charm-helpers-ts', 'src', 'launch', 'main.ts')],
    outfile: 'launch.cjs',
    ...oneFile,
  });
  return Buffer.from(result.outputFiles[0].contents);
}

/** The version of the package that the charm belongs to. */
export async function packageVersion(repoDir) {
  return JSON.parse(await readFile(join(repoDir, 'package.json'), 'utf8')).version;
}
