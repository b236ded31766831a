import { formatFloatJson } from './go-number';
import { type GoValue, NilMap, StringList, Struct, Timestamp } from './go-value';

const htmlEscapes = /[<>&\u2028\u2029\u007f]/g;

function encodeString(text: string): string {
  // JSON.stringify escapes lone surrogates; Go replaces invalid text by U+FFFD, which is not escaped.
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(htmlEscapes, (character) =>
    character === '\u007f' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Keys in byte order, as encoding/json has them (JavaScript's own order is by UTF-16 unit). */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** encoding/json.Marshal: compact, HTML-safe. */
export function encodeJson(value: GoValue): string {
  if (value === null || value instanceof NilMap) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return formatFloatJson(value);
  if (typeof value === 'string') return encodeString(value);
  if (value instanceof Timestamp) return encodeString(value.text);
  if (value instanceof StringList) return value.items === null ? 'null' : encodeJson(value.items);
  if (Array.isArray(value)) return `[${(value as readonly GoValue[]).map(encodeJson).join(',')}]`;
  const fields =
    value instanceof Struct
      ? value.fields
      : Object.entries(value as Record<string, GoValue>).sort(([left], [right]) => compareBytes(left, right));
  return `{${fields.map(([name, item]) => `${encodeString(name)}:${encodeJson(item)}`).join(',')}}`;
}
