const shortEscapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

// strconv.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space.
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** strconv.Quote (%q). */
export function quote(text: string): string {
  let out = '"';
  for (const character of text) {
    const short = shortEscapes[character];
    const code = character.codePointAt(0) ?? 0;
    if (short !== undefined) out += short;
    else if (printable.test(character)) out += character;
    else if (code < 0x80) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code < 0x10000) out += `\\u${code.toString(16).padStart(4, '0')}`;
    else out += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return `${out}"`;
}

/** %q of a []string: `["a" "b"]`. */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quote).join(' ')}]`;
}
