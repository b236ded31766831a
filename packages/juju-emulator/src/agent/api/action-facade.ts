import { finishTask, taskOf } from '../../model';
import type { ActionOutcome, UniterApi } from '../../tools/uniter-api';
import type { UnitModel } from './unit-model';

/** Log and results of actions. */
export function actionFacade(model: UnitModel): Pick<UniterApi, 'logActionMessage' | 'finishAction'> {
  return {
    logActionMessage(actionId: string, message: string): Promise<void> {
      return model.write('LogActionsMessages', (world) => {
        taskOf(world, actionId).log.push({ timestamp: model.now(), message });
      });
    },
    finishAction(actionId: string, outcome: ActionOutcome): Promise<void> {
      return model.write('FinishActions', (world) => finishTask(world, actionId, outcome, model.now()));
    },
  };
}
