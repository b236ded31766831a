import type { CharmRun } from '@juju/charm-helpers-ts';
import type { Observed } from '../domain/observed';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import { healthReport, healthResults } from './health';
import { notBuiltMessage } from './not-built';

/**
 * One action. A refusal or a failure is `action-fail` with exit status 0: Juju replaces the message of a program that fails.
 * All refusals come before anything is changed.
 */
export async function runAction(
  name: string,
  { tools }: CharmRun,
  paths: Paths,
  files: Files,
  observe: () => Promise<Observed>,
): Promise<void> {
  if (name !== 'health') return tools.actionFail(notBuiltMessage(name));
  if ((await files.readLink(paths.current)) === null) {
    return tools.actionFail('etcd is not installed on this unit yet: wait until its status says more, then try again.');
  }
  const report = healthReport(await observe());
  await tools.actionSet(healthResults(report));
  if (report.problem !== null) await tools.actionFail(`cluster is unhealthy: ${report.problem}`);
}
