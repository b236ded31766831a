import { ModelError } from './model-error';
import { parseSize } from './storage-size';

export type StorageKind = 'filesystem' | 'block';

/** One storage of metadata.yaml. */
export interface StorageSpec {
  readonly name: string;
  readonly kind: StorageKind;
  readonly description: string;
  readonly shared: boolean;
  readonly readOnly: boolean;
  readonly countMin: number;
  /** -1 = no limit. */
  readonly countMax: number;
  /** MiB; 0 = none. */
  readonly minimumSize: number;
  /** Where a filesystem is mounted; empty = below Juju's own directory. */
  readonly location: string;
}

type Yaml = Readonly<Record<string, unknown>>;
const map = (value: unknown): Yaml =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Yaml) : {};
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** The `storage` section of metadata.yaml. @throws ModelError in Juju's words where it breaks its rules. */
export function parseStorage(charm: string, source: unknown): Record<string, StorageSpec> {
  const specs: Record<string, StorageSpec> = {};
  for (const [name, raw] of Object.entries(map(source))) {
    const declared = map(raw);
    const kind = text(declared.type);
    const wrong = (why: string): ModelError =>
      new ModelError('not-valid', 'parse charm', `charm "${charm}" storage "${name}": ${why}`);
    if (kind === '') throw wrong('type must be specified');
    if (kind !== 'filesystem' && kind !== 'block')
      throw new ModelError(
        'not-valid',
        'parse charm',
        `metadata: storage.${name}.type: unexpected value ${JSON.stringify(kind)}`,
      );
    const location = text(declared.location);
    if (location !== '' && kind !== 'filesystem') throw wrong(`location may not be specified for "type: ${kind}"`);
    const [countMin, countMax] = parseRange(name, map(declared.multiple).range);
    if (countMax === 0) throw wrong(`invalid maximum count ${countMax}`);
    specs[name] = {
      name,
      kind,
      description: text(declared.description),
      shared: declared.shared === true,
      readOnly: declared['read-only'] === true,
      countMin,
      countMax,
      minimumSize: parseMinimum(name, declared['minimum-size']),
      location,
    };
  }
  return specs;
}

/** `2` is exactly two, `0-3` up to three, `1-` or `1+` at least one. Without a range there is one. */
function parseRange(name: string, range: unknown): [number, number] {
  if (range === undefined || range === null) return [1, 1];
  const match = /^([0-9]+)([-+]([0-9]+)?)?$/.exec(text(range));
  if (match === null)
    throw new ModelError(
      'not-valid',
      'parse charm',
      `metadata: storage.${name}.multiple.range: value ${JSON.stringify(range)} does not match 'm', 'm-n', or 'm+'`,
    );
  const least = Number(match[1]);
  if (match[2] === undefined) return [least, least];
  return [least, match[3] === undefined ? -1 : Number(match[3])];
}

function parseMinimum(name: string, size: unknown): number {
  if (size === undefined || size === null) return 0;
  const words = text(size);
  const parsed = /^[0-9]+$/.test(words) ? Number(words) : parseSize(words);
  if (parsed === undefined || parsed < 0)
    throw new ModelError(
      'not-valid',
      'parse charm',
      `metadata: storage.${name}.minimum-size: expected a non-negative number with optional multiplier suffix (M/G/T/P/E/Z/Y), got ${JSON.stringify(words)}`,
    );
  return parsed;
}
