import type { World } from '../world';

/** A model in a few words. */
export interface ModelInfoAnswer {
  readonly name: string;
  readonly uuid: string;
  readonly controller: string;
  readonly controllerUuid: string;
  readonly cloud: string;
  readonly agentVersion: string;
  readonly machines: number;
  readonly units: number;
  readonly constraints: Readonly<Record<string, string | number>>;
}

export const modelInfoAnswer = (world: World): ModelInfoAnswer => ({
  name: world.modelName,
  uuid: world.modelUuid,
  controller: world.controllerName,
  controllerUuid: world.modelUuid,
  cloud: 'emulator',
  agentVersion: world.agentVersion,
  machines: Object.keys(world.machines).length,
  units: Object.keys(world.units).length,
  constraints: world.constraints ?? {},
});
