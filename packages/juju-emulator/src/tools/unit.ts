import { quote } from '../format/go-quote';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { runError, usageError } from './tool-error';

export const unitGet: Tool = {
  name: 'unit-get',
  purpose: 'Print public-address or private-address.',
  usage: '<setting>',
  start: (context) => {
    const output = new OutputArgument(context);
    let key = '';
    const privateAddress = async (): Promise<string> => {
      const info = await context.api.networkInfo('', undefined);
      const address = info?.ingressAddresses?.[0] ?? info?.bindAddresses[0]?.addresses[0]?.value;
      if (address === undefined) throw runError('private address not found');
      return address;
    };
    return {
      options: output.options,
      init: (args) => {
        if (args.length === 0) throw usageError('no setting specified');
        [key = ''] = args;
        if (key !== 'private-address' && key !== 'public-address') throw usageError(`unknown setting ${quote(key)}`);
        checkEmpty(args.slice(1));
      },
      run: async (io) =>
        output.write(io, key === 'private-address' ? await privateAddress() : await context.publicAddress()),
    };
  },
};

export const applicationVersionSet: Tool = {
  name: 'application-version-set',
  purpose: 'Specify which version of the application is deployed.',
  usage: '<new-version>',
  start: (context) => {
    let version = '';
    return {
      options: [],
      init: (args) => {
        if (args.length === 0) throw usageError('no version specified');
        [version = ''] = args;
        checkEmpty(args.slice(1));
      },
      run: () => context.api.setWorkloadVersion(version),
    };
  },
};
