import type { HookEvent } from './event';
import { HookEnvironment } from './hook-environment';
import { parseHookEvent } from './hook-event';
import { applicationOf, type UnitName } from './names';

/**
 * What Juju tells a hook, an action or an exec through its environment: parsed once, immutable.
 * Variables that Juju sets to the empty string are null here.
 */
export interface HookContext {
  /** JUJU_UNIT_NAME. */
  readonly unit: UnitName;
  /** The application of {@link unit}. */
  readonly application: string;
  /** JUJU_MODEL_NAME and JUJU_MODEL_UUID. */
  readonly model: { readonly name: string; readonly uuid: string };
  /** JUJU_MACHINE_ID, e.g. `0` or `0/lxd/1`; null on Kubernetes. */
  readonly machineId: string | null;
  /** JUJU_AVAILABILITY_ZONE; null where the cloud has none. */
  readonly availabilityZone: string | null;
  /** JUJU_CHARM_DIR, or CHARM_DIR: where the charm is unpacked. */
  readonly charmDir: string;
  /** JUJU_VERSION: the agent's, e.g. `3.6.4` or `4.1-beta2`. */
  readonly jujuVersion: string;
  /** JUJU_PRINCIPAL_UNIT: of a subordinate, else null. */
  readonly principal: UnitName | null;
  /** JUJU_CONTEXT_ID: hook tools work only while this context lives. */
  readonly contextId: string;
  /** JUJU_API_ADDRESSES, each `host:port`. */
  readonly apiAddresses: readonly string[];
  /** JUJU_CHARM_{HTTP,HTTPS,FTP,NO}_PROXY: for the charm to use where it wants to; null where empty. */
  readonly proxy: {
    readonly http: string | null;
    readonly https: string | null;
    readonly ftp: string | null;
    readonly no: string | null;
  };
  /** From JUJU_DISPATCH_PATH, JUJU_HOOK_NAME, JUJU_ACTION_NAME and the variables of that kind of hook. */
  readonly event: HookEvent;
}

/**
 * Parses the environment that Juju gives to hooks, actions and exec contexts (Juju's `HookVars`).
 * @throws HookContextError one error that names every missing or malformed variable.
 */
export function parseHookContext(env: Readonly<Record<string, string | undefined>>): HookContext {
  const vars = new HookEnvironment(env);
  const unit = vars.unit('JUJU_UNIT_NAME');
  const context = {
    unit,
    application: applicationOf(unit),
    model: Object.freeze({ name: vars.required('JUJU_MODEL_NAME'), uuid: vars.required('JUJU_MODEL_UUID') }),
    machineId: vars.optional('JUJU_MACHINE_ID'),
    availabilityZone: vars.optional('JUJU_AVAILABILITY_ZONE'),
    charmDir: vars.optional('JUJU_CHARM_DIR') ?? vars.required('CHARM_DIR', 'JUJU_CHARM_DIR'),
    jujuVersion: vars.required('JUJU_VERSION'),
    principal: vars.optionalUnit('JUJU_PRINCIPAL_UNIT'),
    contextId: vars.required('JUJU_CONTEXT_ID'),
    apiAddresses: Object.freeze((vars.optional('JUJU_API_ADDRESSES') ?? '').split(' ').filter((one) => one !== '')),
    proxy: Object.freeze({
      http: vars.optional('JUJU_CHARM_HTTP_PROXY'),
      https: vars.optional('JUJU_CHARM_HTTPS_PROXY'),
      ftp: vars.optional('JUJU_CHARM_FTP_PROXY'),
      no: vars.optional('JUJU_CHARM_NO_PROXY'),
    }),
    event: Object.freeze(parseHookEvent(vars)),
  };
  vars.throwIfWrong();
  return Object.freeze(context);
}

/** `{major, minor}` of a Juju version such as `3.6.4` or `4.1-beta2`; zeros where it has none. */
export function jujuRelease(version: string): { readonly major: number; readonly minor: number } {
  const [, major, minor] = /^([0-9]+)\.([0-9]+)/.exec(version) ?? [];
  return { major: Number(major ?? 0), minor: Number(minor ?? 0) };
}
