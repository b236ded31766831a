import { uuidFrom } from '../../format/uuid';
import { applicationOf, charmOf, effectiveConfig } from '../../model';
import { UniterApiError } from '../../tools/api-error';
import type { ConfigValue, UniterApi } from '../../tools/uniter-api';
import { unitTag } from '../agent-paths';
import type { LiveApiPorts } from './live-uniter-api';
import type { UnitModel } from './unit-model';

/** A resource that the charm does not declare, in the words of Juju's client: it fetches resources over HTTP. */
function unknownResource(model: UnitModel, ports: LiveApiPorts, name: string): string {
  const { modelUuid } = model.world;
  const url = `https://${ports.apiAddresses[0] ?? ''}/model/${modelUuid}/units/${unitTag(model.unit)}/resources/${name}`;
  const application = uuidFrom(`${modelUuid} application ${model.application}`);
  return `HTTP request failed: Get ${url}: getting UUID of resource ${name} for application ${application}: resource not found`;
}

/** What belongs to the charm: its settings, its resources, a reboot of its machine. */
export function charmFacade(
  model: UnitModel,
  ports: LiveApiPorts,
): Pick<UniterApi, 'configSettings' | 'downloadResource' | 'requestReboot'> {
  return {
    configSettings(): Promise<Readonly<Record<string, ConfigValue>>> {
      return model.read('ConfigSettings', (world) =>
        effectiveConfig(charmOf(world, model.application).spec, applicationOf(world, model.application)),
      );
    },
    async downloadResource(name: string): Promise<string> {
      const resource = applicationOf(model.world, model.application).resources[name];
      if (charmOf(model.world, model.application).spec.resources[name] === undefined)
        throw new UniterApiError('not-found', 'GetResource', unknownResource(model, ports, name));
      if (resource === undefined) throw new UniterApiError('not-found', 'GetResource', `resource "${name}" not found`);
      return ports.downloadResource(name);
    },
    requestReboot(): Promise<void> {
      return ports.requestReboot();
    },
  };
}
