import { join } from 'node:path';
import { quote } from '../format/go-quote';
import type { ExecutionHost } from './execution-host';

export type HookScript =
  | { readonly handler: 'dispatch' | 'explicit'; readonly path: string }
  /** `missing`: there is no such script, which for a hook is no failure. */
  | { readonly handler: 'invalid'; readonly missing: boolean; readonly error: string };

/** exec.LookPath of an absolute path: the error it gives, 'missing' when there is no file, undefined when all is well. */
async function lookUp(host: ExecutionHost, path: string): Promise<string | undefined> {
  const file = await host.inspect(path);
  if (file === undefined) return 'missing';
  if (file.isDirectory) return `exec: ${quote(path)}: is a directory`;
  return file.isExecutable ? undefined : `exec: ${quote(path)}: permission denied`;
}

/** Finds what to run: `dispatch` wins over `hooks/<name>` or `actions/<name>`. */
export async function findHookScript(
  host: ExecutionHost,
  charmDir: string,
  location: 'hooks' | 'actions',
  name: string,
): Promise<HookScript> {
  if ((await host.inspect(join(charmDir, 'metadata.yaml'))) === undefined) {
    return { handler: 'invalid', missing: false, error: 'charm missing from disk' };
  }
  const dispatch = join(charmDir, 'dispatch');
  if ((await lookUp(host, dispatch)) === undefined) return { handler: 'dispatch', path: dispatch };
  const path = join(charmDir, location, name);
  const problem = await lookUp(host, path);
  if (problem === undefined) return { handler: 'explicit', path };
  if (problem === 'missing') return { handler: 'invalid', missing: true, error: `${path} does not exist` };
  return { handler: 'invalid', missing: false, error: problem };
}
