import type { CharmRun } from '@juju/charm-helpers-ts';
import type { ActionCall } from './action';
import { notBuiltMessage } from './not-built';
import { ActionParameters } from './parameters';
import { actions } from './registry';
import { actionsOfStandbys, standbyRefusal } from './standby-health';

/**
 * One action. A refusal or a failure is `action-fail` with exit status 0: Juju replaces the message of a program that fails.
 * All refusals come before anything is changed.
 */
export async function runAction(
  name: string,
  { tools }: CharmRun,
  parts: Pick<ActionCall, 'execution' | 'observe' | 'lookAgain' | 'perform'>,
): Promise<void> {
  const load = actions[name];
  if (load === undefined) return tools.actionFail(notBuiltMessage(name));
  const { files, paths } = parts.execution;
  if ((await files.readLink(paths.current)) === null) {
    return tools.actionFail('etcd is not installed on this unit yet: wait until its status says more, then try again.');
  }
  if (!actionsOfStandbys.has(name) && (await files.read(paths.standby.settings)) !== null)
    return tools.actionFail(standbyRefusal(name));
  const parameters = new ActionParameters(await tools.actionGet());
  const { action } = await load();
  const { results, failure } = await action({
    ...parts,
    name,
    parameters,
    progress: (line) => tools.actionLog(line),
  });
  if (Object.keys(results).length > 0) await tools.actionSet(results);
  if (failure !== null) await tools.actionFail(failure);
}
