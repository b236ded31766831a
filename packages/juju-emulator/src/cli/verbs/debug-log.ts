import type { LogRecord } from '../../store/debug-log';
import { formatLogRecord } from '../../store/debug-log';
import type { Invocation } from '../framework/verb';
import { collect, type Registry, sessionOf, verb } from '../program';

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];

export function registerDebugLog(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'debug-log', 'shows the log of the model')
    .option('--replay', 'from the beginning')
    .option('-n, --lines <number>', 'how many of the last lines', '10')
    .option('--limit <number>', 'at most so many lines')
    .option('--no-tail', 'do not wait for more')
    .option('--tail', 'wait for more')
    .option('-i, --include <entity>', 'only of these: unit-x-0, x/0', collect, [])
    .option('-x, --exclude <entity>', 'not of these', collect, [])
    .option('--include-module <module>', 'only modules that begin so', collect, [])
    .option('-l, --level <level>', 'at least this level', 'TRACE')
    .option('--color', 'accepted')
    .option('--ms', 'accepted')
    .action(
      async (
        flags: {
          model?: string;
          replay?: boolean;
          lines: string;
          limit?: string;
          tail?: boolean;
          include: string[];
          exclude: string[];
          includeModule: string[];
          level: string;
        },
        { given }: Invocation,
      ) => {
        const entity = (text: string): string => (text.includes('/') ? `unit-${text.replace('/', '-')}` : text);
        const matches = (record: LogRecord): boolean =>
          (flags.include.length === 0 || flags.include.some((each) => entity(each) === record.entity)) &&
          !flags.exclude.some((each) => entity(each) === record.entity) &&
          (flags.includeModule.length === 0 || flags.includeModule.some((each) => record.module.startsWith(each))) &&
          levels.indexOf(record.level) >= levels.indexOf(flags.level.toUpperCase());
        // As Juju: it goes on by itself on a terminal only, or when told to.
        const explicit = given.has('tail');
        const followed = explicit ? flags.tail === true : process.stdout.isTTY === true;
        const kept: LogRecord[] = [];
        let live = false;
        const shown = flags.limit === undefined ? undefined : Number(flags.limit);
        const session = sessionOf(flags);
        await session.call('log', { follow: false }, { onEvent: (record) => kept.push(record as LogRecord) });
        const before = kept.length;
        const past = kept.filter(matches);
        const head = flags.replay === true ? past : past.slice(-Number(flags.lines));
        for (const record of head.slice(0, shown)) terminal.out(`${formatLogRecord(record)}\n`);
        if (!followed || shown !== undefined) return;
        let seen = 0;
        await session.call(
          'log',
          { follow: true },
          {
            onEvent: (record) => {
              seen += 1;
              live ||= seen > before;
              if (live && matches(record as LogRecord)) terminal.out(`${formatLogRecord(record as LogRecord)}\n`);
            },
          },
        );
      },
    );
}
