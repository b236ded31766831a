import { quote } from '../format/go-quote';
import { boolOption, stringOption } from '../format/option-parser';
import type { LogLevel } from './hook-context';
import type { Tool } from './tool';
import { DeadFormatArgument } from './tool-arguments';
import { usageError } from './tool-error';

const levels: Readonly<Record<string, LogLevel | 'UNSPECIFIED'>> = {
  UNSPECIFIED: 'UNSPECIFIED',
  TRACE: 'TRACE',
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  WARN: 'WARNING',
  WARNING: 'WARNING',
  ERROR: 'ERROR',
  CRITICAL: 'CRITICAL',
};

export const jujuLog: Tool = {
  name: 'juju-log',
  purpose: 'Write a message to the juju log.',
  usage: '<message>',
  start: (context) => {
    const format = new DeadFormatArgument('juju-log');
    let debug = false;
    let levelName = 'INFO';
    let message = '';
    return {
      options: [
        format.option,
        boolOption(['debug'], (value) => (debug = value)),
        stringOption(['l', 'log-level'], (value) => {
          levelName = value;
        }),
      ],
      init: (args) => {
        if (args.length === 0) throw usageError('no message specified');
        message = args.join(' ');
      },
      run: async (io) => {
        format.warn(io);
        let level: LogLevel | 'UNSPECIFIED' | undefined = debug ? 'DEBUG' : levels[levelName.toUpperCase()];
        if (level === undefined) {
          level = 'INFO';
          if (levelName !== '') context.log('WARNING', `Specified log level of ${quote(levelName)} is not valid`);
        }
        const prefix = context.relation === undefined ? '' : `${context.relation.fakeId}: `;
        if (level !== 'UNSPECIFIED') context.log(level, `${prefix}${message}`);
        return Promise.resolve();
      },
    };
  },
};
