import { quote } from '../format/go-quote';
import { boolOption } from '../format/option-parser';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { usageError } from './tool-error';

export const configGet: Tool = {
  name: 'config-get',
  purpose: 'Print application configuration.',
  usage: '[<key>]',
  start: (context) => {
    const output = new OutputArgument(context);
    let all = false;
    let key = '';
    return {
      options: [...output.options, boolOption(['a', 'all'], (value) => (all = value))],
      init: (args) => {
        key = args[0] ?? '';
        if (key !== '' && all) throw usageError(`cannot use argument --all together with key ${quote(key)}`);
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const settings = await context.configSettings();
        if (key !== '') return output.write(io, settings[key] ?? null);
        const shown = all
          ? settings
          : Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
        return output.write(io, shown);
      },
    };
  },
};
