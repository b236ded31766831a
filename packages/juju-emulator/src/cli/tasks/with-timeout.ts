import type { Task } from '../../model';
import { CliError } from '../cli-error';

/** A task's end, waited for at most so long: `run --wait`, `exec --wait`. `who` is `unit app/0` or `machine 0`. */
export function withTimeout(waiting: Promise<Task>, ms: number | undefined, who: string): Promise<Task> {
  if (ms === undefined) return waiting;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CliError(`timed out waiting for results from: ${who}`)), ms);
  });
  return Promise.race([waiting, late]).finally(() => clearTimeout(timer));
}
