import type { ActionResults } from '@juju/charm-helpers-ts';
import { unitName, type UnitName } from '../domain/ids';
import { unitsInApplication } from '../domain/member';
import {
  beginRecovery,
  hasNothingToRecover,
  recoveryRefusal,
  stepsToRecover,
  unitsAsked,
  type RecoveryRequest,
} from '../domain/plan-recover';
import type { Recreation } from '../domain/recreation';
import { installedTool } from '../ports/snapshot-tool';
import { done, failed, type Action } from './action';
import { describePlan } from './recovery-plan';

const namesOf = (text: string): readonly UnitName[] =>
  text
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map(unitName);

/** `recover-quorum`: gives up a cluster that cannot agree any more and begins a new one with what is left of it. */
export const action: Action = async (call) => {
  const { parameters, execution, perform } = call;
  const given = {
    wanted: parameters.text('source', 'auto') as RecoveryRequest['wanted'],
    failed: namesOf(parameters.text('failed-units')),
    masters: namesOf(parameters.text('masters')),
  };
  // Asked anew, also where a survey goes on in which nobody is waited for. One look: each unit's survey looks for longer.
  const observed = await call.lookAgain();
  const refusal = recoveryRefusal(observed, given);
  if (refusal !== null) return failed(refusal);
  if (hasNothingToRecover(observed))
    return failed(
      'The cluster has quorum, so nothing is lost and nothing was changed: remove-failed-member removes a single dead member, restore goes back to a backup.',
    );
  const tool = await installedTool(execution);
  const recreation = beginRecovery(observed, { ...given, bump: await tool.canBump() });
  const units = unitsAsked(recreation, unitsInApplication(observed) ?? new Set());
  if (parameters.flag('dry-run')) {
    const plan = await describePlan(call, observed, recreation, units);
    const output = [...plan.lines, ...bumpWarning(recreation), 'Nothing was changed.'].join('\n');
    return done({ ...results(recreation, units), ...plan.results, output });
  }
  if (!parameters.flag('confirm'))
    return failed(
      `This gives up the old cluster for good, and ${given.failed.length === 0 ? 'no machine of it may come back' : `${given.failed.join(', ')} must be powered off`}: look with dry-run=true, then give confirm=true.`,
    );
  for (const step of stepsToRecover(observed, recreation)) await perform(step);
  return done({
    ...results(recreation, units),
    output: [
      `Recovering as generation ${recreation.generation}, by ${units.join(', ')}.`,
      'Each unit looks for a majority first: where one finds it, nothing is stopped.',
      'The units do the rest: juju status and the action recovery-status show how far they are.',
      ...bumpWarning(recreation),
    ].join('\n'),
  });
};

const bumpWarning = ({ bump }: Recreation): readonly string[] =>
  bump ? [] : ['Warning: this version of etcd cannot raise the revision: watchers must be started anew.'];

const results = ({ generation, recovery }: Recreation, units: readonly UnitName[]): ActionResults => ({
  generation,
  source: recovery?.wanted ?? 'auto',
  units: units.join(','),
  ...(recovery?.failed.length === 0 ? {} : { 'failed-units': recovery?.failed.join(',') ?? '' }),
});
