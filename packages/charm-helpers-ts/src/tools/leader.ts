import { isHookToolError } from './hook-tool-error';
import { booleanOf, runJson, stringMapOf } from './output';
import type { HookToolRunner } from './runner';

export interface LeaderTools {
  /**
   * `is-leader`: true promises leadership for the next 30 s only; a commit may still be refused.
   * @throws HookToolError, retryable, where Juju does not know.
   */
  isLeader(): Promise<boolean>;
  /** `leader-get` (Juju 2.9 and 3.x): the leader's settings; null where this Juju has no such tool (4.x). */
  leaderGet(): Promise<Readonly<Record<string, string>> | null>;
  /**
   * `leader-set` (Juju 2.9 and 3.x): acts at once. It takes its values as arguments only: never give it secrets.
   * @throws HookToolError `unknown-tool` or `tool-missing` in Juju 4.x, `not-leader` elsewhere.
   */
  leaderSet(values: Readonly<Record<string, string | null>>): Promise<void>;
}

export const leaderTools = (runner: HookToolRunner): LeaderTools => ({
  isLeader: async () => booleanOf(await runJson(runner, 'is-leader', [])),
  leaderGet: async () => {
    try {
      return stringMapOf(await runJson(runner, 'leader-get', ['-']));
    } catch (error) {
      if (isHookToolError(error) && (error.code === 'unknown-tool' || error.code === 'tool-missing')) return null;
      throw error;
    }
  },
  leaderSet: async (values) => {
    const pairs = Object.entries(values).map(([key, value]) => `${key}=${value ?? ''}`);
    await runner.run('leader-set', pairs);
  },
});
