import { NilMap } from '../format/go-value';
import { quote } from '../format/go-quote';
import { boolOption, stringOption } from '../format/option-parser';
import { OutputArgument } from './output-argument';
import { readSettingsFile } from './settings-file';
import type { Tool } from './tool';
import { checkEmpty, type KeyValue, parseKeyValues } from './tool-arguments';
import { runError } from './tool-error';

export const stateGet: Tool = {
  name: 'state-get',
  purpose: 'Print server-side-state value.',
  usage: '[<key>]',
  start: (context) => {
    const output = new OutputArgument(context);
    let strict = false;
    let key = '';
    return {
      options: [...output.options, boolOption(['strict'], (value) => (strict = value))],
      init: (args) => {
        key = args[0] === '-' ? '' : (args[0] ?? '');
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const values = await context.state.all();
        if (key === '') return output.write(io, values.size === 0 ? new NilMap() : Object.fromEntries(values));
        const value = values.get(key);
        if (value === undefined && strict) throw runError(`${quote(key)} not found`);
        return output.write(io, value ?? '');
      },
    };
  },
};

export const stateSet: Tool = {
  name: 'state-set',
  purpose: 'Set server-side-state values.',
  usage: '<key>=<value> [<key>=<value> ...]',
  start: (context) => {
    let file = '';
    let overrides: KeyValue[] = [];
    return {
      options: [
        stringOption(['file'], (value) => {
          file = value;
        }),
      ],
      init: (args) => {
        overrides = parseKeyValues(args);
      },
      run: async (io) => {
        const values = new Map([...(await readSettingsFile(context, io, file)), ...overrides]);
        for (const [key, value] of values) await context.state.set(key, value);
      },
    };
  },
};

export const stateDelete: Tool = {
  name: 'state-delete',
  purpose: 'Delete server-side-state key value pairs.',
  usage: '<key>',
  start: (context) => {
    let key = '';
    return {
      options: [],
      init: (args) => {
        [key = ''] = args;
        checkEmpty(args.slice(1));
      },
      run: async () => {
        if (key !== '') await context.state.delete(key);
      },
    };
  },
};
