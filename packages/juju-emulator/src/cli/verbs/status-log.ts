import type { StatusRecord } from '../../store/status-history';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';
import { layoutTable } from '../status/table';
import { formatSince } from '../status/time';
import { wholeNumber } from './units';

const types: Readonly<Record<string, readonly StatusRecord['type'][]>> = {
  unit: ['workload', 'juju-unit'],
  'juju-unit': ['juju-unit'],
  workload: ['workload'],
  machine: ['juju-machine'],
  'juju-machine': ['juju-machine'],
  application: ['application'],
};

interface LogFlags {
  readonly model?: string;
  readonly lines: string;
  readonly type?: string;
  readonly includeStatusUpdates?: boolean;
  readonly utc?: boolean;
  readonly format: string;
}

/** The last records of the types wanted; those of update-status hooks only when asked for. */
export function selectRecords(records: readonly StatusRecord[], flags: LogFlags): readonly StatusRecord[] {
  const wanted = flags.type === undefined ? undefined : types[flags.type];
  const shown = records.filter(
    (record) =>
      (wanted === undefined || wanted.includes(record.type)) &&
      (flags.includeStatusUpdates === true || record.message !== 'running update-status hook'),
  );
  return shown.slice(-wholeNumber(flags.lines, '-n'));
}

export function registerStatusLog(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'show-status-log <entity>', 'Output past statuses for the specified entity.')
    .alias('status-history')
    .option('-n, --lines <number>', 'Returns the last N logs', '20')
    .option('--type <type>', `Type of statuses to be displayed [${Object.keys(types).sort().join('|')}]`)
    .option('--days <number>', 'Accepted: the history is as old as the controller')
    .option('--from-date <date>', 'Accepted: the history is as old as the controller')
    .option('--include-status-updates', 'Include update status hook messages in the returned logs')
    .option('--utc', 'Display time as UTC in RFC3339 format')
    .formats('tabular', 'json', 'yaml')
    .missing('entity name is missing')
    .examples('juju show-status-log mysql/0', 'juju show-status-log -n 5 --type juju-unit mysql/0')
    .seeAlso('status')
    .action(async (entity: string, flags: LogFlags) => {
      if (flags.type !== undefined && types[flags.type] === undefined)
        throw new CliError(`unexpected status type "${flags.type}"`, 2);
      if (wholeNumber(flags.lines, '-n') < 1) throw new CliError('number of lines must be positive', 2);
      const all = await sessionOf(flags).ask('statusHistory', { entity });
      const records = selectRecords(all, flags);
      if (records.length === 0) {
        terminal.err('no status history available\n');
        return;
      }
      if (flags.format !== 'tabular') {
        const document = records.map(({ since, type, status, message }) => ({
          status,
          ...(message === '' ? {} : { message }),
          since: formatSince(since, flags.utc === true),
          type,
        }));
        terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
        return;
      }
      terminal.out(
        layoutTable([
          ['Time', 'Type', 'Status', 'Message'],
          ...records.map((record) => [
            formatSince(record.since, flags.utc === true),
            record.type,
            record.status,
            record.message,
          ]),
        ]),
      );
    });
}
