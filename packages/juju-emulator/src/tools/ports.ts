import { StringList } from '../format/go-value';
import { boolOption, stringOption } from '../format/option-parser';
import type { HookContext } from './hook-context';
import { OutputArgument } from './output-argument';
import { formatPortRange, parsePortRange, type PortRange } from './port-range';
import type { Tool } from './tool';
import { checkEmpty, DeadFormatArgument } from './tool-arguments';
import { usageError } from './tool-error';

function portTool(
  name: string,
  purpose: string,
  change: (context: HookContext, endpoint: string, range: PortRange) => void,
): Tool {
  return {
    name,
    purpose,
    usage: '<port>[/<protocol>] or <from>-<to>[/<protocol>] or icmp',
    start: (context) => {
      const format = new DeadFormatArgument(name);
      let endpoints = [''];
      let range: PortRange | undefined;
      return {
        options: [
          format.option,
          stringOption(['endpoints'], (value) => {
            endpoints = value.split(',').map((endpoint) => endpoint.trim());
          }),
        ],
        init: (args) => {
          if (args.length === 0) throw usageError('no port or range specified');
          range = parsePortRange(args[0] ?? '');
          checkEmpty(args.slice(1));
        },
        run: async (io) => {
          format.warn(io);
          for (const endpoint of endpoints) if (range !== undefined) change(context, endpoint, range);
          return Promise.resolve();
        },
      };
    },
  };
}

export const openPort = portTool(
  'open-port',
  'Register a request to open a port or port range.',
  (context, ...change) => context.ports.open(...change),
);

export const closePort = portTool(
  'close-port',
  'Register a request to close a port or port range.',
  (context, ...change) => context.ports.close(...change),
);

export const openedPorts: Tool = {
  name: 'opened-ports',
  purpose: 'List all ports or port ranges opened by the unit.',
  usage: '',
  start: (context) => {
    const output = new OutputArgument(context);
    let endpoints = false;
    return {
      options: [...output.options, boolOption(['endpoints'], (value) => (endpoints = value))],
      init: checkEmpty,
      run: (io) => {
        const lines = context.ports.opened().map((open) => {
          const names = open.endpoints.map((name) => (name === '' ? '*' : name)).join(', ');
          return endpoints ? `${formatPortRange(open.range)} (${names})` : formatPortRange(open.range);
        });
        return output.write(io, new StringList(lines));
      },
    };
  },
};
