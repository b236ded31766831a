import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '../support/scratch';

const repository = join(__dirname, '../../../..');
const model = `tutorial-${process.pid}`;
const data = scratchDirectory('tutorial');
const environment = { ...process.env, JUJU_EMULATOR_DATA: data, TMPDIR: '/tmp' };

interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page, without the indentation of the list they stand in. */
function blocksOf(page: string): Block[] {
  const fenced = /^( *)```(\w+)\n([\s\S]*?)^\1```$/gm;
  return [...page.matchAll(fenced)].map(([, indent = '', language = '', text = '']) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** A line with its columns drawn together; addresses differ from run to run. */
const loose = (line: string): string =>
  line
    .trim()
    .replaceAll(/ +/g, ' ')
    .replaceAll(/127\.[\d.]+/g, '127.X');

afterAll(() => {
  spawnSync(join(repository, 'packages/juju-emulator/bin/juju-emulator'), ['clean', '--model', model], {
    env: environment,
  });
});

it('what the tutorial says to type works, and shows what it says', () => {
  const page = readFileSync(join(repository, 'docs/tutorial/a-charm-in-shell.md'), 'utf8');
  const blocks = blocksOf(page.replaceAll(/\btutorial\b(?= --)/g, model));
  const mark = '----- end of block -----';
  const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => `${text}\necho '${mark}'\n`);
  expect(commands.length).toBeGreaterThan(5);
  const { status, stdout, stderr } = spawnSync('/bin/bash', ['-e', '-c', commands.join('')], {
    cwd: repository,
    env: environment,
    encoding: 'utf8',
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const outputs = stdout.split(`${mark}\n`).map((output) => output.split('\n').map(loose));
  let block = -1;
  for (const { language, text } of blocks) {
    if (language === 'sh') block += 1;
    else expect(outputs[block]).toEqual(expect.arrayContaining(text.trim().split('\n').map(loose)));
  }
}, 180_000);
