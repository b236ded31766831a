import { onlyReads } from './reads';
import type { HookToolRunner } from './runner';

/** A call of a hook tool that only reads. */
export type Read = readonly [tool: string, ...args: string[]];

/**
 * Starts reads that every hook makes at once, before the charm itself is loaded: their processes run while this one still compiles.
 * Each answer is given out once, to the first equal call. Any call that may write drops the rest, so that nothing old is read.
 */
export function prefetchingRunner(inner: HookToolRunner, reads: readonly Read[]): HookToolRunner {
  const key = (tool: string, args: readonly string[]): string => JSON.stringify([tool, ...args]);
  const started = new Map<string, Promise<string>>();
  for (const [tool, ...args] of reads) {
    const answer = inner.run(tool, args);
    // Whoever asks gets the failure; a read that nobody asks for must not end the process.
    answer.catch(() => undefined);
    started.set(key(tool, args), answer);
  }
  return {
    run(tool, args, options) {
      const name = key(tool, args);
      const answer = started.get(name);
      if (answer !== undefined) {
        started.delete(name);
        return answer;
      }
      if (!onlyReads(tool)) started.clear();
      return inner.run(tool, args, options);
    },
  };
}
