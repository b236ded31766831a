import { resolve } from 'node:path';
import { parseSettingsYaml } from '../format/settings-yaml';
import { openErrorText } from './agent-files';
import type { HookContext } from './hook-context';
import type { ToolIo } from './tool';
import type { KeyValue } from './tool-arguments';
import { runError } from './tool-error';

/** The map in `--file`: `-` is the caller's stdin, another path is read by the agent; '' means none was given. */
export async function readSettingsFile(context: HookContext, io: ToolIo, path: string): Promise<KeyValue[]> {
  if (path === '') return [];
  let data: Uint8Array;
  if (path === '-') data = io.readStdin();
  else {
    const absolute = resolve(io.dir, path);
    try {
      data = await context.options.files.read(absolute);
    } catch (error) {
      throw runError(openErrorText(absolute, error), { cause: error });
    }
  }
  const parsed = parseSettingsYaml(Buffer.from(data).toString());
  if (!parsed.ok) throw runError(parsed.message);
  return [...parsed.settings];
}
