import { posix } from 'node:path';
import type { MirrorEntry } from '../domain/mirror';
import { clearwaterEntries } from './clearwater-entries';

/** The options of the mirror as they were read: entries, or one line that says what is wrong. */
export type EntriesOrProblem =
  | { readonly entries: readonly MirrorEntry[]; readonly problem: null }
  | { readonly entries: null; readonly problem: string };

/** Files that are the charm's or another's own: no key may write them. */
const taken = [
  '/etc/etcd',
  '/opt/etcd',
  '/opt/etcd-charm',
  '/var/lib/etcd',
  '/var/lib/etcd-mirror',
  '/var/lib/juju',
  '/proc',
  '/sys',
  '/dev',
  '/run',
];
const known = ['key', 'file', 'reload', 'mode', 'owner'];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** One entry of the option's list; or what is wrong with it, in a few words. */
function entryOf(value: unknown): MirrorEntry | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no mapping with "key" and "file"';
  const fields = value as Readonly<Record<string, unknown>>;
  const strange = Object.keys(fields).find((name) => !known.includes(name));
  if (strange !== undefined) return `has "${strange}", and may have ${known.join(', ')}`;
  const { key, file, reload = '', mode = '0644', owner = '' } = fields;
  if (text(key) === '' || text(key).includes('\n')) return 'has no "key"';
  if (text(key).startsWith('/_juju/')) return `has the key ${text(key)}, and /_juju/ is the charm's own`;
  const path = text(file);
  if (!path.startsWith('/') || path.endsWith('/') || posix.normalize(path) !== path || /[\0\n]/.test(path))
    return `has the file ${JSON.stringify(file ?? '')}, and it must be an absolute path`;
  const owned = taken.find((directory) => path === directory || path.startsWith(`${directory}/`));
  if (owned !== undefined) return `has the file ${path}, and no key may write below ${owned}`;
  if (typeof reload !== 'string' || /[\0\n]/.test(reload)) return 'has a "reload" that is not a command in one line';
  // YAML reads 0644 as text, and 644 as a number: both are meant as in chmod.
  const digits = String(mode);
  if (!/^0?[0-7]{3}$/.test(digits))
    return `has the mode ${JSON.stringify(mode)}, and it must be three octal digits, e.g. "0644"`;
  if (typeof owner !== 'string' || !/^([a-z_][a-z0-9_-]*)?$/.test(owner))
    return 'has an "owner" that is no name of a user';
  return {
    key: text(key),
    file: path,
    reload: reload.trim() === '' ? null : reload.trim(),
    mode: Number.parseInt(digits, 8),
    owner: owner === '' ? null : owner,
  };
}

/**
 * The options `config-mirror` (a YAML list) and `clearwater`, made into entries. An entry of the option replaces the default one with
 * its key.
 */
export async function mirrorEntries(options: {
  readonly configMirror: string;
  readonly clearwater: boolean;
  readonly etcdKey: string;
  readonly siteName: string;
}): Promise<EntriesOrProblem> {
  const not = (why: string): EntriesOrProblem => ({ entries: null, problem: `config-mirror ${why}` });
  let listed: unknown = [];
  if (options.configMirror.trim() !== '') {
    const { parseDocument } = await import('yaml');
    const document = parseDocument(options.configMirror, { prettyErrors: true });
    const [error] = document.errors;
    if (error !== undefined) return not(`is not YAML: ${error.message.split('\n')[0] ?? ''}`.replace(/:$/, ''));
    try {
      listed = document.toJS({ maxAliasCount: 20 }) ?? [];
    } catch {
      return not('has too many aliases');
    }
  }
  if (!Array.isArray(listed)) return not('must be a YAML list of entries with "key" and "file"');
  const entries: MirrorEntry[] = [];
  for (const [index, value] of listed.entries()) {
    const entry = entryOf(value);
    if (typeof entry === 'string') return not(`entry ${index + 1} ${entry}`);
    entries.push(entry);
  }
  const keys = new Set(entries.map(({ key }) => key));
  const defaults = options.clearwater ? clearwaterEntries(options.etcdKey, options.siteName) : [];
  const all = [...defaults.filter(({ key }) => !keys.has(key)), ...entries];
  for (const name of ['key', 'file'] as const) {
    const twice = all.find((one, index) => all.findIndex((other) => other[name] === one[name]) !== index);
    if (twice !== undefined) return not(`has the ${name} ${twice[name]} twice`);
  }
  return { entries: all, problem: null };
}
