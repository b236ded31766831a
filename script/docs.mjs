#!/usr/bin/env node
// Generates docs/reference/{options,actions,endpoints}.md from the charm's yaml files. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const load = (name) => parse(readFileSync(`${root}/${name}`, 'utf8'));
const cell = (value) =>
  String(value ?? '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');
const code = (value) => (value === '' ? '`""`' : `\`${cell(value)}\``);
const table = (head, rows) =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
const page = (title, source, body) =>
  `# ${title}\n\n_Generated from \`${source}\` by \`script/docs.mjs\`; do not edit._\n\n${body}\n`;

const options = Object.entries(load('config.yaml').options);
const actions = Object.entries(load('actions.yaml'));
const metadata = load('metadata.yaml');

const actionText = ([name, action]) => {
  const params = Object.entries(action.params ?? {});
  const rows = params.map(([key, param]) => [
    code(key),
    cell(param.type),
    code(param.default),
    cell(param.enum?.join(', ')),
    cell(param.description),
  ]);
  return `## ${name}\n\n${action.description.trim()}\n${rows.length ? `\n${table(['parameter', 'type', 'default', 'one of', 'meaning'], rows)}\n` : ''}`;
};
const roles = [
  ['provides', metadata.provides],
  ['requires', metadata.requires],
  ['peers', metadata.peers],
];

const pages = {
  'options.md': page(
    'Configuration options',
    'config.yaml',
    table(
      ['option', 'type', 'default', 'meaning'],
      options.map(([name, o]) => [code(name), o.type, code(o.default), cell(o.description)]),
    ),
  ),
  'actions.md': page('Actions', 'actions.yaml', actions.map(actionText).join('\n')),
  'endpoints.md': page(
    'Endpoints, storage and resources',
    'metadata.yaml',
    [
      table(
        ['endpoint', 'role', 'interface', 'scope'],
        roles.flatMap(([role, set]) =>
          Object.entries(set).map(([name, e]) => [code(name), role, code(e.interface), e.scope ?? 'global']),
        ),
      ),
      table(
        ['storage', 'type', 'instances', 'meaning'],
        Object.entries(metadata.storage).map(([name, s]) => [
          code(name),
          s.type,
          s.multiple.range,
          cell(s.description),
        ]),
      ),
      table(
        ['resource', 'file name', 'meaning'],
        Object.entries(metadata.resources).map(([name, r]) => [code(name), code(r.filename), cell(r.description)]),
      ),
    ].join('\n\n'),
  ),
};

let stale = 0;
for (const [name, text] of Object.entries(pages)) {
  const path = `${root}/docs/reference/${name}`;
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`docs/reference/${name} is not what the yaml files say: run script/docs.mjs`);
    stale += 1;
  }
}
process.exit(stale ? 1 : 0);
