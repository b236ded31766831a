import { runJson, stringMapOf, yamlStringMap } from './output';
import type { HookToolRunner } from './runner';

export interface StateTools {
  /** `state-get`: the unit's own state on the controller, with own writes of this hook. */
  stateGet(): Promise<Readonly<Record<string, string>>>;
  /**
   * `state-set`: kept only if the hook succeeds. An empty value is kept as such. Keys up to 256 bytes, values up to 64 KiB.
   * The values go through stdin (`--file -`, since the tool is there: Juju 2.8).
   */
  stateSet(values: Readonly<Record<string, string>>): Promise<void>;
  /** `state-delete`: kept only if the hook succeeds. */
  stateDelete(key: string): Promise<void>;
}

export const stateTools = (runner: HookToolRunner): StateTools => ({
  stateGet: async () => stringMapOf(await runJson(runner, 'state-get', [])),
  stateSet: async (values) => {
    await runner.run('state-set', ['--file', '-'], { stdin: yamlStringMap(values) });
  },
  stateDelete: async (key) => {
    await runner.run('state-delete', ['--', key]);
  },
});
