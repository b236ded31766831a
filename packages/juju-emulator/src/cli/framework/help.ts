import type { OptionSpec } from './option-spec';
import type { Verb } from './verb';

const byName = (a: OptionSpec, b: OptionSpec): number => (a.short ?? a.long).localeCompare(b.short ?? b.long, 'en');

function optionHelp(spec: OptionSpec): string {
  const long = spec.long.length === 1 ? `-${spec.long}` : `--${spec.long}`;
  const names = spec.short === undefined ? long : `-${spec.short}, --${spec.long}`;
  const isText = spec.kind === 'value' && spec.long !== 'format';
  const initial =
    spec.kind === 'boolean' || spec.kind === 'negation'
      ? ' (= false)'
      : spec.kind === 'list'
        ? ''
        : isText
          ? `(= "${typeof spec.initial === 'string' ? spec.initial : ''}")`
          : ` (= ${typeof spec.initial === 'string' ? spec.initial : '""'})`;
  return `${names} ${initial}\n    ${spec.description}\n`;
}

/** `juju VERB --help`, laid out as Juju's: usage, summary, options, details, aliases, examples, see also. */
export function verbHelp(verb: Verb, program: string): string {
  const sections = [
    `Usage: ${program} ${verb.name}${verb.options.length === 0 ? '' : ' [options]'}${verb.usage === '' ? '' : ` ${verb.usage}`}\n`,
    `Summary:\n${verb.summary}\n`,
  ];
  if (verb.options.length > 0) sections.push(`Options:\n${[...verb.options].sort(byName).map(optionHelp).join('')}`);
  if (verb.detailText !== '') sections.push(`Details:\n${verb.detailText.trim()}\n`);
  if (verb.otherNames.length > 0) sections.push(`Aliases: ${verb.otherNames.join(', ')}\n`);
  if (verb.exampleLines.length > 0)
    sections.push(`Examples:\n${verb.exampleLines.map((line) => `    ${line}\n`).join('')}`);
  if (verb.relatedVerbs.length > 0)
    sections.push(`See also:\n${verb.relatedVerbs.map((other) => ` - ${other}\n`).join('')}`);
  return sections.join('\n');
}

/** `juju help commands`: every name with its summary; another name says of what. */
export function commandList(verbs: readonly Verb[]): string {
  const rows = verbs
    .flatMap((verb): [string, string][] => [
      [verb.name, verb.summary.split('\n')[0] ?? ''],
      ...verb.otherNames.map((name): [string, string] => [name, `Alias for '${verb.name}'.`]),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join('');
}
