import { isRecord } from './tools/output';

/** A file of the charm is missing or says something that Juju would refuse too. */
export class CharmFileError extends Error {
  readonly code = 'bad-charm-file';
  readonly retryable = false;

  constructor(
    readonly operation: string,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'CharmFileError';
  }
}

export type YamlMap = Readonly<Record<string, unknown>>;

/** Parses a YAML file of a charm into a map. The parser is loaded here and not before: most hooks need none. */
export async function parseYamlMap(file: string, text: string): Promise<YamlMap> {
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new CharmFileError(`parse ${file}`, `${file} is not YAML: ${String(cause)}`, cause);
  }
  if (value === null || value === undefined) return {};
  if (!isRecord(value)) throw new CharmFileError(`parse ${file}`, `${file} must be a map`);
  return value;
}

/** The text of a charm's file; null where there is none. */
export async function readCharmFile(charmDir: string, file: string): Promise<string | null> {
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(`${charmDir}/${file}`, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CharmFileError(`read ${file}`, `cannot read ${file}: ${String(cause)}`, cause);
  }
}

export const mapAt = (map: YamlMap, key: string): YamlMap => {
  const value = map[key];
  return isRecord(value) ? value : {};
};

export const textAt = (map: YamlMap, key: string): string | null => {
  const value = map[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
};
