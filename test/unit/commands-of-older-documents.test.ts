import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const root = resolve(__dirname, '../..');
const seeds = process.env['SEEDS_DIR'] ?? resolve(root, '../shared/seeds');
const documents = existsSync(seeds) ? readdirSync(seeds).sort() : [];
if (documents.length === 0) process.stderr.write(`SKIPPED: no documents at ${seeds}\n`);

const page = readFileSync(join(root, 'docs/reference/commands-of-older-documents.md'), 'utf8');
/** What stands in code in the first column. */
const listed = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));

/** On one line, and where something is fetched from left out. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/https:\S*(\/\S+)/g, '...$1')
    .replace(/DockerImage=\S+/, 'DockerImage=...')
    .trim();

/** What somebody types, or sets. */
const isTyped = (text: string): boolean =>
  /^(sudo |senza create \S|\/usr\/share\/|service )/.test(text) || /^(etcd_\w+|local_ip)(=|$)/.test(text);

/** In Markdown and reStructuredText: code in a line, and indented lines, also those that go on after a backslash. */
function commandsOf(text: string): string[] {
  const inLine = [...text.matchAll(/``?([^`]+)``?/g)].map((match) => plain(match[1] ?? ''));
  const indented = [...text.replace(/\\\n/g, ' ').matchAll(/^ {4}(\S.*)$/gm)].map((match) => plain(match[1] ?? ''));
  return [...new Set([...inLine, ...indented].filter(isTyped))];
}

const isOurs = (text: string): boolean => /juju deploy etcd/.test(text);
const found = documents
  .map((name) => [name, readFileSync(join(seeds, name), 'utf8')] as const)
  // The README of the charm that ours replaces is typed as it stands by test/e2e/readme.test.ts.
  .filter(([, text]) => !isOurs(text))
  .flatMap(([name, text]) => commandsOf(text).map((command) => [name, command] as const));

(documents.length === 0 ? describe.skip : describe)('the commands of the documents are in the table', () => {
  test('there are documents with commands', () => expect(found.length).toBeGreaterThan(20));

  test.each(found.map(([name, command]) => [command, name]))('%s', (command) => {
    expect(listed).toContain(command);
  });
});

describe('what the table offers is there', () => {
  const names = (file: string): string[] => Object.keys(parse(readFileSync(join(root, file), 'utf8')) as object);
  const actions = names('actions.yaml');
  const ours = [...page.matchAll(/juju run etcd\/\w+ ([a-z-]+)/g)].map((match) => match[1] ?? '');

  test.each([...new Set(ours)].map((action) => [action]))('action %s', (action) => expect(actions).toContain(action));
});
