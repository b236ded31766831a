import { quote } from '../format/go-quote';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty, type KeyValue, parseKeyValues } from './tool-arguments';
import { annotated, usageError } from './tool-error';

/** As Juju 3.6 has it (gone in 4.x); not verified against recordings. */
export const leaderGet: Tool = {
  name: 'leader-get',
  purpose: 'Print application leadership settings.',
  usage: '[<key>]',
  start: (context) => {
    const output = new OutputArgument(context);
    let key = '';
    return {
      options: output.options,
      init: (args) => {
        const [first = ''] = args;
        if (first.includes('=')) throw usageError(`invalid key ${quote(first)}`);
        key = first === '-' ? '' : first;
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const settings = await annotated('cannot read leadership settings', context.leaderSettings.read());
        return output.write(io, key === '' ? { ...settings } : (settings[key] ?? null));
      },
    };
  },
};

/** As Juju 3.6 has it (gone in 4.x): written at once, whatever becomes of the hook. Not verified against recordings. */
export const leaderSet: Tool = {
  name: 'leader-set',
  purpose: 'Write application leadership settings.',
  usage: '<key>=<value> [...]',
  start: (context) => {
    let settings: KeyValue[] = [];
    return {
      options: [],
      init: (args) => {
        settings = parseKeyValues(args);
      },
      run: () =>
        annotated('cannot write leadership settings', context.leaderSettings.write(Object.fromEntries(settings))),
    };
  },
};
