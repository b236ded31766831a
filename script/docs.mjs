#!/usr/bin/env node
// Generates docs/reference/{options,actions,endpoints}.md from the charm's yaml files and emulator-commands.md from the
// declarations of the emulator's verbs. See --help.
import { build } from 'esbuild';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { commandLine } from './lib/command-line.mjs';

const usage = `
script/docs.mjs [--check]

Writes docs/reference/{options,actions,endpoints,emulator-commands}.md from what they are about.
  --check   writes nothing, and fails where one of them is not what its sources say
`;
const { check } = commandLine('script/docs.mjs', usage, { check: { type: 'boolean' } }).values;

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
    cell([param.type].flat().join(' or ')),
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

/** The verbs of the emulator's command line, as they declare themselves. */
async function emulatorVerbs() {
  const directory = mkdtempSync(join(tmpdir(), 'docs-'));
  const outfile = join(directory, 'verbs.cjs');
  const cli = `${root}/packages/juju-emulator/src/cli`;
  try {
    await build({
      stdin: {
        contents: `export { allVerbs } from '${cli}/framework/super-command'; export * from '${cli}/verb-families';`,
        resolveDir: cli,
        loader: 'ts',
      },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'warning',
    });
    const { allVerbs, jujuFamilies, emulatorFamilies } = createRequire(import.meta.url)(outfile);
    return [await allVerbs(jujuFamilies), await allVerbs(emulatorFamilies)];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

// What stands between angle brackets is no tag.
const prose = (text) => text.replaceAll('<', '\\<');
const byName = (a, b) => (a.name < b.name ? -1 : 1);
const verbText = (program) => (verb) => {
  const options = verb.options.map((option) => [
    code(
      `${option.short ? `-${option.short}, ` : ''}--${option.long}${option.placeholder ? ` <${option.placeholder}>` : ''}`,
    ),
    typeof option.initial === 'string' && option.initial !== '' ? code(option.initial) : '',
    prose(cell(option.description)),
  ]);
  return [
    `### ${verb.name}`,
    prose(cell(verb.summary)),
    `\`${[program, verb.name, options.length > 0 ? '[options]' : '', verb.usage].filter((word) => word !== '').join(' ')}\``,
    ...(verb.otherNames.length > 0 ? [`Also: ${verb.otherNames.map(code).join(', ')}`] : []),
    ...(verb.detailText === '' ? [] : [prose(verb.detailText.trim())]),
    ...(options.length > 0 ? [table(['option', 'default', 'meaning'], options)] : []),
    ...(verb.exampleLines.length > 0 ? [`\`\`\`shell\n${verb.exampleLines.join('\n')}\n\`\`\``] : []),
    '',
  ].join('\n\n');
};
const [jujuVerbs, emulatorOnly] = await emulatorVerbs();
pages['emulator-commands.md'] = page(
  'Commands of the emulator',
  'packages/juju-emulator/src/cli/verbs',
  [
    '`juju` has the verbs of Juju; `juju-emulator` has those and its own. Exit code 0: done; 1: it ran and failed; 2: it was called wrongly. Results are on standard output, all that is told to a human on standard error.',
    "## Juju's verbs",
    ...[...jujuVerbs].sort(byName).map(verbText('juju')),
    "## The emulator's own verbs",
    ...[...emulatorOnly].sort(byName).map(verbText('juju-emulator')),
  ]
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim(),
);

let stale = 0;
for (const [name, text] of Object.entries(pages)) {
  const path = `${root}/docs/reference/${name}`;
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`docs/reference/${name} is not what its sources say: run script/docs.mjs`);
    stale += 1;
  }
}
process.exit(stale ? 1 : 0);
