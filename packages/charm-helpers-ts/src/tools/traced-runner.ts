import type { Tracer } from '../trace';
import { isHookToolError, redactArguments } from './hook-tool-error';
import type { HookToolRunner } from './runner';

/** The same runner, telling a tracer of each call: arguments without values. */
export const tracedRunner = (runner: HookToolRunner, tracer: Tracer): HookToolRunner => ({
  run: async (tool, args, options) => {
    const trace = (failed: string | null): void =>
      tracer.trace({ kind: 'tool-finished', tool, args: redactArguments(tool, args), failed });
    try {
      const output = await runner.run(tool, args, options);
      trace(null);
      return output;
    } catch (error) {
      trace(isHookToolError(error) ? error.code : 'error');
      throw error;
    }
  },
});
