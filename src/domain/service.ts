import type { ServiceFacts } from './observed';

/** Whether a process runs or systemd is about to start one. */
export const isUp = ({ state }: ServiceFacts): boolean => state === 'running' || state === 'starting';

/** Whether it is known that no process runs; `unknown` is not down (rule 4). */
export const isDown = ({ state }: ServiceFacts): boolean =>
  state === 'absent' || state === 'stopped' || state === 'failed';
