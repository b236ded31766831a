import { type RemovalAnswer, applicationRemovalAnswer, unitRemovalAnswer, unitsOf } from '../model';
import type { Method } from './api-server';
import type { Emulator } from './emulator';

/** Parameters of the methods that remove units and applications. `dryRun` only tells what would go. */
export interface RemovalMethodParams {
  readonly removeUnit: {
    readonly units: readonly string[];
    readonly force: boolean;
    readonly dryRun?: boolean;
    readonly destroyStorage?: boolean;
  };
  readonly removeApplication: {
    readonly applications: readonly string[];
    readonly force: boolean;
    readonly dryRun?: boolean;
    readonly destroyStorage?: boolean;
  };
}

/** remove-unit and remove-application: one answer for each entity, those that cannot go do not hold up the others. */
export function removalMethods(emulator: Emulator): Record<keyof RemovalMethodParams, Method> {
  const removeUnits = async ({
    units,
    force,
    dryRun,
    destroyStorage = false,
  }: RemovalMethodParams['removeUnit']): Promise<RemovalAnswer[]> => {
    const answers: RemovalAnswer[] = [];
    for (const unit of units) {
      const answer = unitRemovalAnswer(emulator.world, unit);
      answers.push(answer);
      if (dryRun !== true && answer.error === undefined) await emulator.removeUnit(unit, { force, destroyStorage });
    }
    return answers;
  };
  const removeApplications = async ({
    applications,
    force,
    dryRun,
    destroyStorage = false,
  }: RemovalMethodParams['removeApplication']): Promise<RemovalAnswer[]> => {
    const answers: RemovalAnswer[] = [];
    for (const application of applications) {
      const answer = applicationRemovalAnswer(emulator.world, application);
      answers.push(answer);
      if (dryRun === true || answer.error !== undefined) continue;
      const units = unitsOf(emulator.world, application);
      await emulator.removeApplication(application, { destroyStorage });
      if (force) for (const unit of units) await emulator.removeUnit(unit.name, { force: true });
    }
    return answers;
  };
  return { removeUnit: removeUnits, removeApplication: removeApplications };
}
