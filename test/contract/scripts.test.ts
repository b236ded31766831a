import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(__dirname, '..', '..');
const scripts = readdirSync(join(repository, 'script'), { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }): [string, string] => [`script/${name}`, join(repository, 'script', name)]);

const call = (program: string, argument: string) => {
  // Elsewhere than in the repository: a script finds its way.
  const { status, stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8', cwd: '/', timeout: 60_000 });
  return { status, stdout, stderr };
};

describe.each([...scripts, ['npm run bench', join(repository, 'benchmark/run.mjs')]])('%s', (name, program) => {
  test.each(['--help', '-h'])('%s tells how it is called, and does nothing', (option) => {
    const { status, stdout, stderr } = call(program, option);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.startsWith(name)).toBe(true);
  });

  test('an option that it does not know is told in one line', () => {
    const { status, stdout, stderr } = call(program, '--no-such-option');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^[^\n]*nknown option '?--no-such-option'? \(see --help\)\n$/);
  });
});
