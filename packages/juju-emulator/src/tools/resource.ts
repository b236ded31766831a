import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { runError, usageError } from './tool-error';

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
        let path: string;
        try {
          path = await context.api.downloadResource(name);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          throw runError(`could not download resource: ${reason}`, { cause: error });
        }
        // No newline, whatever one may expect.
        io.stdout(path);
      },
    };
  },
};
