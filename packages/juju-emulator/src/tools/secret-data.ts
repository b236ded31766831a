import { parse } from 'yaml';
import { quote } from '../format/go-quote';
import { openErrorText } from './agent-files';
import { usageError } from './tool-error';

const keyPattern = /^[a-z](?:-?[a-z0-9]){2,}$/;

const toBase64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64');

/**
 * Content of a secret from a command line: `key=value`, `key#base64=...`, `key#file=path`, and the yaml map of `--file`,
 * which wins; of a repeated key the last one does.
 * @param file path of the yaml map, '' for none
 * @param read reads a file; rejects with Node's errno error
 * @returns key -> base64 of the value
 * @throws ToolError (exit 2) in Juju's words
 */
export async function parseSecretData(
  args: readonly string[],
  file: string,
  read: (path: string) => Promise<Uint8Array>,
): Promise<Record<string, string>> {
  const data: Record<string, string> = {};
  const readFile = async (path: string, prefix: string): Promise<Uint8Array> => {
    try {
      return await read(path);
    } catch (error) {
      throw usageError(`${prefix}${openErrorText(path, error)}`);
    }
  };
  const add = async (key: string, value: string): Promise<void> => {
    const base64 = key.endsWith('#base64');
    const fromFile = key.endsWith('#file');
    const name = base64 || fromFile ? key.slice(0, key.lastIndexOf('#')) : key;
    if (!keyPattern.test(name)) throw usageError(`key ${quote(name)} not valid`);
    if (base64) data[name] = value;
    else if (!fromFile) data[name] = toBase64(value);
    else data[name] = toBase64(await readFile(value, `reading content for secret key ${quote(name)}: `));
  };
  for (const argument of args) {
    const equals = argument.indexOf('=');
    if (equals <= 0 || equals === argument.length - 1) throw usageError(`key value ${quote(argument)} not valid`);
    await add(argument.slice(0, equals), argument.slice(equals + 1));
  }
  if (file !== '') {
    const text = Buffer.from(await readFile(file, '')).toString();
    const values = (parse(text, { schema: 'failsafe' }) ?? {}) as Record<string, unknown>;
    for (const [key, value] of Object.entries(values)) await add(key, String(value));
  }
  return data;
}
