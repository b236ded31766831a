import { uuidFrom } from '../../format/uuid';
import type { World } from '../../model';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';

/** The only space there is. Its id is the same in every model, as Juju's is. */
const alpha = { name: 'alpha', id: uuidFrom('space alpha') };

/** What every machine has beside the model's own networks. */
const loopbacks = ['127.0.0.0/8', '::1/128'];

const subnetsOf = (world: World): string[] =>
  [...new Set([...Object.values(world.machines).map(({ cidr }) => cidr), ...loopbacks])]
    .filter((cidr) => cidr !== '')
    .sort();

/** Cells padded to their columns, the last one too, and a row of blanks after each space: Juju's list. */
function spacesTable(subnets: readonly string[]): string {
  const rows = [
    ['Name', 'Space ID', 'Subnets'],
    ...subnets.map((subnet, index) => [...(index === 0 ? [alpha.name, alpha.id] : ['', '']), subnet]),
    ['', '', ''],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('');
}

/** spaces (list-spaces): there is one space, alpha, with the networks of the machines. */
export function registerSpaceList(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'spaces', 'List known spaces, including associated subnets.')
    .alias('list-spaces')
    .formats('tabular', 'json', 'yaml')
    .option('--short', 'only display spaces')
    .seeAlso('bind')
    .action(async (flags: { model?: string; format: string; short?: boolean }) => {
      const subnets = subnetsOf(await sessionOf(flags).world());
      if (flags.format === 'tabular') {
        terminal.out(flags.short === true ? `Space\n${alpha.name}\n` : spacesTable(subnets));
        return;
      }
      const details = Object.fromEntries(
        subnets.map((cidr) => [cidr, { type: cidr.includes(':') ? 'ipv6' : 'ipv4', 'provider-id': '', zones: [] }]),
      );
      const document = {
        spaces: flags.short === true ? [alpha.name] : [{ id: alpha.id, name: alpha.name, subnets: details }],
      };
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });
}
