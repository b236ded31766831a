/** What recordings have in the place of values that differ from run to run, and what it may stand for. */
const kinds: readonly { readonly pattern: RegExp; readonly value: string }[] = [
  { pattern: /^<uuid-\d+>$/, value: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}' },
  { pattern: /^<secret-id-\d+>$/, value: '[0-9a-v]{20}' },
  { pattern: /^<time>$/, value: '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z' },
];
/** Also the ids of secrets that were left as they were. */
const placeholder = /<(?:uuid|secret-id)-\d+>|<time>|\b[0-9a-v]{20}\b/g;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** The values that placeholders have turned out to stand for; one placeholder has one value all along (but a time). */
export class Placeholders {
  readonly #values = new Map<string, string>();

  /** The text with the values that are known. */
  fill(text: string): string {
    return text.replaceAll(placeholder, (name) => this.#values.get(name) ?? name);
  }

  /** True when the text could be the recorded one; unknown placeholders then have their value. */
  match(recorded: string, actual: string): boolean {
    const unknown: string[] = [];
    let pattern = '';
    let end = 0;
    for (const found of recorded.matchAll(placeholder)) {
      const [name] = found;
      pattern += escaped(recorded.slice(end, found.index)) + this.#patternOf(name, unknown);
      end = found.index + name.length;
    }
    const match = new RegExp(`^${pattern}${escaped(recorded.slice(end))}$`).exec(actual);
    if (match === null) return false;
    unknown.forEach((name, index) => {
      const value = match[index + 1];
      if (value !== undefined && name !== '<time>') this.#values.set(name, value);
    });
    return true;
  }

  #patternOf(name: string, unknown: string[]): string {
    const known = this.#values.get(name);
    if (known !== undefined) return escaped(known);
    const earlier = unknown.indexOf(name);
    if (earlier >= 0 && name !== '<time>') return `\\${String(earlier + 1)}`;
    unknown.push(name);
    const kind = kinds.find(({ pattern }) => pattern.test(name));
    return `(${kind?.value ?? '[0-9a-v]{20}'})`;
  }
}
