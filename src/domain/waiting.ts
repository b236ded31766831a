import type { Step } from './step';

/** Waiting for time: the timer is part of the plan, so that nothing waits on the five-minute update-status. */
export function waitForTime(afterSeconds: number, why: string): readonly Step[] {
  return [
    { kind: 'wake-later', afterSeconds, why },
    { kind: 'wait', why, wokenBy: { by: 'timer', afterSeconds } },
  ];
}

export const block = (why: string): readonly Step[] => [{ kind: 'block', why }];
