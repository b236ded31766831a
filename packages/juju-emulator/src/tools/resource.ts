import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { annotated, usageError } from './tool-error';

export const resourceGet: Tool = {
  name: 'resource-get',
  purpose: 'Get the path to the locally cached resource file.',
  usage: '<resource name>',
  start: (context) => {
    let name = '';
    return {
      options: [],
      init: (args) => {
        if (args.length === 0) throw usageError('missing required resource name');
        [name = ''] = args;
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const path = await annotated('could not download resource', context.api.downloadResource(name));
        // No newline, whatever one may expect.
        io.stdout(path);
      },
    };
  },
};
