import type { HookToolOptions, HookToolRunner } from '../../src';

export interface RecordedCall {
  readonly tool: string;
  readonly args: readonly string[];
  readonly options: HookToolOptions | undefined;
}

/** A runner that answers every tool with the same text and writes down what it was asked. */
export function recordingRunner(answer: string): { readonly runner: HookToolRunner; readonly calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  return {
    calls,
    runner: {
      run: (tool, args, options) => {
        calls.push({ tool, args, options });
        return Promise.resolve(answer);
      },
    },
  };
}
