import type { World } from '../world';
import { applicationOf, charmOf } from '../world';

/** Juju's params.ApplicationResult: what `juju show-application` formats. */
export interface ApplicationInfoAnswer {
  readonly tag: string;
  readonly charm: string;
  readonly base: { readonly name: string; readonly channel: string };
  readonly channel?: string;
  /** Values by name; empty ones are left out. */
  readonly constraints: Readonly<Record<string, string | number>>;
  readonly principal: boolean;
  readonly exposed: boolean;
  readonly 'exposed-endpoints'?: Readonly<Record<string, unknown>>;
  readonly remote: boolean;
  readonly life: string;
  readonly 'endpoint-bindings': Readonly<Record<string, string>>;
}

/** Every endpoint is bound to the one space there is. */
export const endpointBindings = (endpoints: readonly string[]): Record<string, string> =>
  Object.fromEntries(['', ...endpoints].sort().map((name) => [name, 'alpha']));

/** An application without its units. */
export function applicationInfoAnswer(world: World, name: string): ApplicationInfoAnswer {
  const application = applicationOf(world, name);
  const { spec } = charmOf(world, name);
  const [base = 'ubuntu', channel = '24.04'] = application.base.split('@');
  return {
    tag: `application-${name}`,
    charm: spec.name,
    base: { name: base, channel },
    ...(application.channel === '' ? {} : { channel: application.channel }),
    constraints: application.constraints ?? { arch: 'amd64' },
    principal: !spec.subordinate,
    exposed: application.exposed,
    remote: false,
    life: application.life,
    'endpoint-bindings': endpointBindings([...Object.keys(spec.endpoints), ...spec.extraBindings]),
  };
}
