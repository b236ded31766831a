import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constants, Script } from 'node:vm';
import { readCode, writeCode } from './compiled-code';

const wrapper = ['(function (exports, require, module, __filename, __dirname) {', '\n})'] as const;

type Program = (exports: object, require: NodeJS.Require, module: object, file: string, directory: string) => void;

/**
 * Hooks that share what V8 made of the program: code that a run does not need costs it time, too, and update-status, which runs for ever,
 * needs less than the others. Null for what is no hook and no action.
 */
function groupOf(run: string): string | null {
  if (run === 'hooks/update-status') return 'update-status';
  return /^(hooks|actions)(?=\/)/.exec(run)?.[0] ?? null;
}

/**
 * Runs the program `file`, a CommonJS module in ASCII that is the whole of a charm, with the code that V8 made of it in earlier runs.
 * Node's own compile cache keeps only what is compiled when a program is loaded; here it is every function that ran.
 * @param run what the charm is run for: Juju's JUJU_DISPATCH_PATH. A group's code is written again by the first run of each name.
 */
export function launch(directory: string, file: string, run: string, require: NodeJS.Require): void {
  const path = join(directory, file);
  const group = groupOf(run);
  const cache = group === null ? null : join(directory, '.cache', 'code', group);
  const { ino, size, ctimeNs } = statSync(path, { bigint: true });
  // The time of the last change cannot be set: whatever touches the file changes it.
  const program = `${process.version} ${process.arch} ${ino} ${size} ${ctimeNs}`;
  const cached = cache === null ? null : readCode(cache, program);
  const script = new Script(`${wrapper[0]}${readFileSync(path, 'latin1')}${wrapper[1]}`, {
    filename: path,
    columnOffset: -wrapper[0].length,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cached !== null && { cachedData: cached.data }),
  });
  const taken = cached !== null && script.cachedDataRejected !== true ? cached.runs : [];
  if (cache !== null && !taken.includes(run)) {
    process.once('exit', () => writeCode(cache, program, { data: script.createCachedData(), runs: [...taken, run] }));
  }
  const module = { exports: {} };
  (script.runInThisContext() as Program).call(module.exports, module.exports, require, module, path, directory);
}
