import type { HookToolRunner } from './runner';

export interface ResourceTools {
  /**
   * `resource-get`: downloads the resource where the unit has not got this revision, and gives its path.
   * @throws HookToolError, retryable: an answer that did not come is not "there is none". A file resource that nobody ever attached fails too.
   */
  resourceGet(name: string): Promise<string>;
}

export const resourceTools = (runner: HookToolRunner): ResourceTools => ({
  // The tool has no --format and prints the path without a newline.
  resourceGet: async (name) => (await runner.run('resource-get', [name])).replace(/\n$/, ''),
});
