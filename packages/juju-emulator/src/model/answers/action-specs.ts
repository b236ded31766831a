import type { World } from '../world';
import { charmOf } from '../world';

/** Juju's params.ActionSpec of one action: `Params` is the JSON schema of its parameters. */
export interface ActionSpecAnswer {
  readonly Description: string;
  readonly Params: Readonly<Record<string, unknown>> | null;
}

/** The actions of an application's charm by name. */
export const actionSpecsAnswer = (world: World, application: string): Record<string, ActionSpecAnswer> =>
  Object.fromEntries(
    Object.entries(charmOf(world, application).spec.actions).map(([name, { description, schema }]) => [
      name,
      { Description: description, Params: schema },
    ]),
  );
