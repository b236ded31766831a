import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(__dirname, '../../../..');
const charms = join(__dirname, '../charms');

/** The Python environment with jubilant and ops, if script/setup --tests has made it. */
export function pythonVenv(): string | undefined {
  const path = execFileSync(join(repository, 'script/python-venv'), ['--print-path'], { encoding: 'utf8' }).trim();
  return existsSync(join(path, 'bin/python')) ? path : undefined;
}

/** For `describe`: says why it is skipped when there is no Python environment. */
export const describeWithPython = pythonVenv() === undefined ? describe.skip : describe;
if (pythonVenv() === undefined)
  console.warn('SKIPPED: no Python environment with jubilant and ops; run script/setup --tests');

/**
 * Packs test/charms/librarian as charmcraft packs a charm: its libraries in `venv`, the interpreter left to the machine.
 * `version` becomes its workload version. Returns the `.charm` file in `directory`.
 */
export function packLibrarian(directory: string, version: string): string {
  const venv = pythonVenv();
  if (venv === undefined) throw new Error('no Python environment: run script/setup --tests');
  const tree = join(directory, `librarian-${version}`);
  cpSync(join(charms, 'librarian'), tree, { recursive: true });
  writeFileSync(join(tree, 'version'), `${version}\n`);
  const [libraries = ''] = readdirSync(join(venv, 'lib')).map((python) => join(venv, 'lib', python, 'site-packages'));
  for (const name of readdirSync(libraries))
    if (!/^(pip|setuptools|pkg_resources|_distutils_hack|jubilant|__pycache__)/.test(name))
      cpSync(join(libraries, name), join(tree, 'venv', name), { recursive: true });
  const packed = join(directory, `librarian_${version}`);
  execFileSync(join(venv, 'bin/python'), [
    '-c',
    'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])',
    packed,
    tree,
  ]);
  execFileSync('mv', [`${packed}.zip`, `${packed}.charm`]);
  return `${packed}.charm`;
}

/** The charm of shell scripts that asks the librarian for a book. */
export const bookshop = join(charms, 'bookshop');
