import type { RelationOptions } from './relation';
import { isRecord, recordOf, runJson, stringField, stringListField, stringOf } from './output';
import type { HookToolRunner } from './runner';

export interface InterfaceAddress {
  /** An IP address, without brackets. */
  readonly address: string;
  /** The subnet, e.g. `10.1.2.0/24`; null where Juju does not know. */
  readonly cidr: string | null;
  readonly hostname: string | null;
}

export interface BindAddress {
  readonly interfaceName: string | null;
  readonly macAddress: string | null;
  readonly addresses: readonly InterfaceAddress[];
}

export interface NetworkInfo {
  /** Where to listen. */
  readonly bindAddresses: readonly BindAddress[];
  /** What to tell others: IP addresses, or a host name. */
  readonly ingressAddresses: readonly string[];
  readonly egressSubnets: readonly string[];
}

export interface NetworkTools {
  /** `network-get`: the addresses of an endpoint (or extra binding), of one relation where given. */
  networkGet(binding: string, options?: RelationOptions): Promise<NetworkInfo>;
  /** `unit-get`: the machine's address, whatever the binding. */
  unitGet(address: 'private-address' | 'public-address'): Promise<string>;
}

export const networkTools = (runner: HookToolRunner): NetworkTools => ({
  networkGet: async (binding, options = {}) => {
    const args = options.relation === undefined ? [binding] : [binding, '-r', options.relation];
    const info = recordOf(await runJson(runner, 'network-get', args));
    return {
      bindAddresses: records(info['bind-addresses']).map(bindAddress),
      ingressAddresses: stringListField(info, 'ingress-addresses'),
      egressSubnets: stringListField(info, 'egress-subnets'),
    };
  },
  unitGet: async (address) => stringOf(await runJson(runner, 'unit-get', [address])),
});

const records = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

const filled = (text: string | null): string | null => (text === '' ? null : text);

/** Old Jujus write `macaddress`, `interfacename` and `address` where new ones write `mac-address`, `interface-name` and `value`. */
function bindAddress(bind: Readonly<Record<string, unknown>>): BindAddress {
  return {
    interfaceName: filled(stringField(bind, 'interface-name') ?? stringField(bind, 'interfacename')),
    macAddress: filled(stringField(bind, 'mac-address') ?? stringField(bind, 'macaddress')),
    addresses: records(bind['addresses']).map((one) => ({
      address: stringField(one, 'value') ?? stringField(one, 'address') ?? '',
      cidr: filled(stringField(one, 'cidr')),
      hostname: filled(stringField(one, 'hostname')),
    })),
  };
}
