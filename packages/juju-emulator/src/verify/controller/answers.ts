import type { RecordedCall, RecordedHook } from './recording';

/** Makes texts of two runs comparable: addresses, ids, paths and times become words. */
export class Normaliser {
  readonly #words: readonly (readonly [RegExp, string])[];

  constructor(hooks: readonly RecordedHook[]) {
    const words: [RegExp, string][] = [];
    for (const [address, machine] of addresses(hooks))
      words.push([new RegExp(`${address.replaceAll('.', '\\.')}(?!\\d)`, 'g'), `<address-${machine}>`]);
    const first = hooks[0];
    const jujuDir = first?.env['JUJU_CHARM_DIR']?.replace(/\/agents\/.*$/, '');
    if (jujuDir !== undefined) {
      // Each light machine has a directory of its own below one.
      const common = jujuDir.replace(/\/[^/]+\/var\/lib\/juju$/, '/[^/]+/var/lib/juju');
      words.push([new RegExp(common, 'g'), '<juju>']);
    }
    this.#words = words;
  }

  text(text: string): string {
    let result = text;
    for (const [pattern, word] of this.#words) result = result.replace(pattern, word);
    return result
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
      .replace(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>')
      .replace(/(?<=interface-name"?: ?"?)[\w.-]+/g, '<interface>')
      .replace(/\b(\d{1,3}\.){3}0\/\d+/g, '<subnet>')
      .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d\d:?\d\d|Z)?/g, '<time>')
      .replace(/secret:[a-z0-9]{20}/g, 'secret:<id>')
      .replace(/\b[a-z0-9]{20}\b/g, '<id>')
      .replace(/-[0-9a-f]{32}\b/g, '-<random>')
      .replace(/\d{10}\.\d{6}/g, '<stamp>')
      .replace(/https:\/\/(\d{1,3}\.){3}\d{1,3}(?=:\d+\/)/g, 'https://<controller>')
      .replace(/last hook [\w-]+/g, 'last hook <name>');
  }
}

/** Address -> machine, learnt from what units said of themselves. */
function addresses(hooks: readonly RecordedHook[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { env, tools } of hooks) {
    const own = tools.find(({ cmd }) => cmd.join(' ') === 'unit-get private-address')?.out.trim();
    if (own !== undefined && own !== '' && env['JUJU_MACHINE_ID'] !== undefined) found.set(own, env['JUJU_MACHINE_ID']);
  }
  return found;
}

/** Answers that tell of other units, of the time or of the hook before: they depend on who was faster. */
export const depends = (cmd: readonly string[]): boolean =>
  [
    'relation-get',
    'relation-list',
    'relation-ids',
    'goal-state',
    'status-get',
    'opened-ports',
    'secret-info-get',
    'is-leader',
  ].includes(cmd[0] ?? '');

/** What a call says of itself, comparable. */
export const answerOf = ({ rc, out, err }: RecordedCall, normaliser: Normaliser): string =>
  [`rc ${String(rc)}`, ...parts(normaliser.text(out)), ...(err === '' ? [] : [`stderr ${normaliser.text(err)}`])].join(
    '\n',
  );

/** Moments that somebody wrote down say nothing of Juju. */
const timeless = (part: string): boolean => !part.includes('<stamp>');

/** An answer in parts that come and go by themselves: the leaves of JSON, else lines. */
function parts(text: string): string[] {
  if (text === '') return [];
  try {
    return leaves(JSON.parse(text), '').filter(timeless);
  } catch {
    return text.replace(/\n$/, '').split('\n').filter(timeless);
  }
}

function leaves(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return [`${path} list`, ...value.flatMap((each: unknown) => leaves(each, `${path}[]`))];
  if (typeof value === 'object' && value !== null)
    return [`${path} map`, ...Object.entries(value).flatMap(([key, each]) => leaves(each, `${path}.${key}`))];
  return [`${path} ${JSON.stringify(value)}`];
}

/**
 * Whether an answer lies between what all and what any of other answers said: it was given at another moment. Bags grow, so that
 * an earlier one may have had less.
 */
export function between(answer: string, others: readonly string[], grows: boolean): boolean {
  const sets = others.map((other) => new Set(other.split('\n')));
  const own = new Set(answer.split('\n'));
  const any = new Set(sets.flatMap((set) => [...set]));
  const [first, ...rest] = sets;
  const all = [...(first ?? [])].filter((part) => rest.every((set) => set.has(part)));
  return [...own].every((part) => any.has(part)) && (grows || all.every((part) => own.has(part)));
}
