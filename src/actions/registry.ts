import type { Action } from './action';

/** Every action that is built, loaded only when it is run. An action of actions.yaml that is not here is refused (not-built.ts). */
export const actions: Readonly<Record<string, () => Promise<{ readonly action: Action }>>> = {
  health: () => import('./health-action'),
};
