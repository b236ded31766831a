import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';

export const isLeader: Tool = {
  name: 'is-leader',
  purpose: 'Print application leadership status.',
  usage: '',
  start: (context) => {
    const output = new OutputArgument(context);
    return {
      options: output.options,
      init: checkEmpty,
      run: async (io) => output.write(io, await context.isLeader()),
    };
  },
};
