import type { World } from '../../model';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';

/** `juju show-model`: a model by its short name. */
export function showModelDocument(world: World, now: string): Record<string, unknown> {
  const { modelName, modelUuid, controllerName, agentVersion } = world;
  const machines = Object.keys(world.machines).sort((a, b) => Number(a) - Number(b));
  return {
    [modelName]: {
      name: `admin/${modelName}`,
      'short-name': modelName,
      'model-uuid': modelUuid,
      'model-type': 'iaas',
      'controller-uuid': modelUuid,
      'controller-name': controllerName,
      'is-controller': false,
      cloud: 'emulator',
      type: 'emulator',
      life: 'alive',
      status: { current: 'available', since: now },
      users: { admin: { 'display-name': 'admin', access: 'admin', 'last-connection': 'just now' } },
      ...(machines.length === 0 ? {} : { machines: Object.fromEntries(machines.map((id) => [id, { cores: 0 }])) }),
      'agent-version': agentVersion,
    },
  };
}

export function registerShowModel(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'show-model [model]', 'shows a model')
    .formats('yaml', 'json')
    .action(async (name: string | undefined, flags: { model?: string; format: string }) => {
      const document = showModelDocument(
        await sessionOf(name === undefined ? flags : { ...flags, model: name }).world(),
        new Date().toISOString(),
      );
      if (flags.format === 'json') terminal.out(toJson(document));
      else terminal.out(toYaml(document));
    });
}
