import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { annotated } from './tool-error';

export const isLeader: Tool = {
  name: 'is-leader',
  purpose: 'Print application leadership status.',
  usage: '',
  start: (context) => {
    const output = new OutputArgument(context);
    return {
      options: output.options,
      init: checkEmpty,
      run: async (io) => output.write(io, await annotated('leadership status unknown', context.isLeader())),
    };
  },
};
