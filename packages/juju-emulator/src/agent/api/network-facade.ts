import { charmOf, unitOf } from '../../model';
import { UniterApiError } from '../../tools/api-error';
import type { CloudSpec, NetworkInfo, UniterApi } from '../../tools/uniter-api';
import type { UnitModel } from './unit-model';

/** Addresses, and what the charm may know of the cloud. */
export function networkFacade(model: UnitModel): Pick<UniterApi, 'networkInfo' | 'publicAddress' | 'cloudSpec'> {
  return {
    networkInfo(binding: string, _relationId: number | undefined): Promise<NetworkInfo | undefined> {
      return model.read('NetworkInfo', (world) => {
        const spec = charmOf(world, model.application).spec;
        if (binding !== '' && spec.endpoints[binding] === undefined && !spec.extraBindings.includes(binding))
          return undefined;
        const machine = world.machines[unitOf(world, model.unit).machine];
        if (machine === undefined) return undefined;
        return {
          bindAddresses: [
            {
              macAddress: machine.macAddress,
              interfaceName: machine.interfaceName,
              // Without a name the address stands for it, as recorded on a real controller.
              addresses: [{ hostname: machine.address, value: machine.address, cidr: machine.cidr }],
            },
          ],
          egressSubnets: [`${machine.address}/32`],
          ingressAddresses: [machine.address],
        };
      });
    },
    publicAddress(): Promise<string> {
      return model.read('PublicAddress', (world) => world.machines[unitOf(world, model.unit).machine]?.address ?? '');
    },
    cloudSpec(): Promise<CloudSpec> {
      return Promise.reject(new UniterApiError('forbidden', 'CloudSpec', 'permission denied'));
    },
  };
}
