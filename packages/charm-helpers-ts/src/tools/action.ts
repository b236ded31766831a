import { recordOf, runJson } from './output';
import type { HookToolRunner } from './runner';

/** Results of an action: nested maps of plain values; Juju shows them as `a.b: value`. */
export interface ActionResults {
  readonly [key: string]: string | number | boolean | ActionResults;
}

/** Outside an action all of them fail with Juju's `not running an action`. */
export interface ActionTools {
  /** `action-get`: the parameters, checked against actions.yaml by Juju, defaults included. */
  actionGet(): Promise<Readonly<Record<string, unknown>>>;
  /**
   * `action-set`: kept also if the action fails. Key parts are lower-case letters, digits and hyphens; `stdout`, `stderr` and their
   * `-encoding` are Juju's own. Results are shown to users: never give it secrets.
   */
  actionSet(results: ActionResults): Promise<void>;
  /** `action-fail`: marks the action as failed; the program goes on. End with exit status 0, else Juju replaces the message. */
  actionFail(message: string): Promise<void>;
  /** `action-log`: progress, shown at once. */
  actionLog(message: string): Promise<void>;
}

export const actionTools = (runner: HookToolRunner): ActionTools => ({
  actionGet: async () => recordOf(await runJson(runner, 'action-get', [])),
  actionSet: async (results) => {
    await runner.run('action-set', ['--', ...flattenResults(results)]);
  },
  actionFail: async (message) => {
    await runner.run('action-fail', ['--', message]);
  },
  actionLog: async (message) => {
    await runner.run('action-log', ['--', message]);
  },
});

function flattenResults(results: ActionResults, prefix = ''): readonly string[] {
  return Object.entries(results).flatMap(([key, value]) =>
    typeof value === 'object' ? flattenResults(value, `${prefix}${key}.`) : [`${prefix}${key}=${value}`],
  );
}
