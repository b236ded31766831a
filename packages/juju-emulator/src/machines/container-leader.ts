import { readdirSync, readFileSync } from 'node:fs';

/** Pid (on the host) of the container's init: the supervisor's child that is 1 in a namespace of its own. */
export function containerLeader(supervisor: number): number {
  try {
    const children = readdirSync(`/proc/${supervisor}/task`).flatMap((task) =>
      readFileSync(`/proc/${supervisor}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return Number(children.find((pid) => /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) ?? 0);
  } catch {
    return 0; // not there yet, or gone: the caller looks again
  }
}
