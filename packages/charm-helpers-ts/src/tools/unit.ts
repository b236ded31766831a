import type { HookToolRunner } from './runner';

/** What a unit says of itself and asks for its machine. */
export interface UnitTools {
  /** `application-version-set`: the workload's version in `juju status`; acts at once. */
  applicationVersionSet(version: string): Promise<void>;
  /** `juju-reboot`: after this hook succeeded, or `now`: the hook is killed, and runs again after the boot. Not in actions. */
  jujuReboot(options?: { readonly now?: boolean }): Promise<void>;
}

export const unitTools = (runner: HookToolRunner): UnitTools => ({
  applicationVersionSet: async (version) => {
    await runner.run('application-version-set', ['--', version]);
  },
  jujuReboot: async (options = {}) => {
    await runner.run('juju-reboot', options.now === true ? ['--now'] : []);
  },
});
