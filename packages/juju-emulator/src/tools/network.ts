import { quote } from '../format/go-quote';
import { type GoValue, StringList, Struct } from '../format/go-value';
import { boolOption } from '../format/option-parser';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty, RelationArgument } from './tool-arguments';
import { runError, usageError } from './tool-error';
import type { NetworkInfo, NetworkInterface } from './uniter-api';

/** yaml shows the old field names a second time; json does not. */
function describeInterface(info: NetworkInterface, json: boolean): Struct {
  const addresses = info.addresses.map(
    ({ hostname, value, cidr }) =>
      new Struct([
        ['hostname', hostname],
        ['value', value],
        ['cidr', cidr],
        ...(json ? [] : [['address', value] as const]),
      ]),
  );
  return new Struct([
    ['mac-address', info.macAddress],
    ['interface-name', info.interfaceName],
    ['addresses', addresses],
    ...(json ? [] : [['macaddress', info.macAddress] as const, ['interfacename', info.interfaceName] as const]),
  ]);
}

function describeNetwork(info: NetworkInfo, json: boolean): Struct {
  const lists = [
    ['egress-subnets', info.egressSubnets],
    ['ingress-addresses', info.ingressAddresses],
  ] as const;
  return new Struct([
    ['bind-addresses', info.bindAddresses.map((one) => describeInterface(one, json))],
    ...lists.flatMap(([name, items]) =>
      items === undefined || items.length === 0 ? [] : [[name, new StringList(items)] as const],
    ),
  ]);
}

export const networkGet: Tool = {
  name: 'network-get',
  purpose: 'Get network config.',
  usage: '<binding-name> [--ingress-address] [--bind-address] [--egress-subnets]',
  start: (context) => {
    const output = new OutputArgument(context);
    const relation = new RelationArgument(context);
    const wanted = { bind: false, ingress: false, egress: false, primary: false };
    let binding = '';
    const firstAddress = (info: NetworkInfo, purpose: string): string => {
      const address = info.bindAddresses[0]?.addresses[0]?.value;
      if (address === undefined) {
        throw runError(`no ${purpose} address attached to space for binding ${quote(binding)}`);
      }
      return address;
    };
    const selected = (info: NetworkInfo): Record<string, GoValue> => ({
      ...(wanted.bind ? { 'bind-address': firstAddress(info, 'bind') } : {}),
      ...(wanted.ingress ? { 'ingress-address': info.ingressAddresses?.[0] ?? firstAddress(info, 'ingress') } : {}),
      ...(wanted.egress ? { 'egress-subnets': new StringList(info.egressSubnets ?? null) } : {}),
    });
    return {
      options: [
        ...output.options,
        relation.option,
        boolOption(['primary-address'], (value) => (wanted.primary = value)),
        boolOption(['bind-address'], (value) => (wanted.bind = value)),
        boolOption(['ingress-address'], (value) => (wanted.ingress = value)),
        boolOption(['egress-subnets'], (value) => (wanted.egress = value)),
      ],
      init: (args) => {
        if (args.length === 0) throw usageError('no arguments specified');
        [binding = ''] = args;
        if (binding === '') throw usageError('no binding name specified');
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const info = await context.api.networkInfo(binding, relation.relation?.facts.id);
        if (info === undefined || info.bindAddresses.length === 0) {
          throw runError(`no network config found for binding ${quote(binding)}`);
        }
        if (wanted.primary) {
          if (wanted.bind || wanted.ingress || wanted.egress) {
            throw runError('--primary-address must be the only flag specified');
          }
          return output.write(io, firstAddress(info, 'primary'));
        }
        const values = selected(info);
        const [only, ...more] = Object.values(values);
        if (only === undefined) return output.write(io, describeNetwork(info, output.format === 'json'));
        return output.write(io, more.length === 0 ? only : values);
      },
    };
  },
};
