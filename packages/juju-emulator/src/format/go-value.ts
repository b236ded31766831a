/**
 * A value on its way out of a hook tool. Go's formatters print by Go type, so the types that JavaScript lacks are kept
 * apart: number is float64, bigint is an integer, Struct keeps its field order while a plain object is a sorted map.
 */
export type GoValue =
  null | boolean | number | bigint | string | readonly GoValue[] | Struct | StringList | NilMap | Timestamp | GoMap;

export interface GoMap {
  readonly [key: string]: GoValue;
}

export class Struct {
  constructor(readonly fields: readonly (readonly [name: string, value: GoValue])[]) {}
}

/** []string; the smart format prints it one item a line. A nil slice is `null` in json. */
export class StringList {
  constructor(readonly items: readonly string[] | null) {}
}

/** A nil map: `null` in json, `{}` in yaml. */
export class NilMap {}

/** time.Time; the text is RFC 3339, printed without the zeros at a fraction's end, as Go does. */
export class Timestamp {
  readonly text: string;

  constructor(text: string) {
    this.text = text.replace(/(\.\d*?)0+(?=Z$)/, '$1').replace(/\.(?=Z$)/, '');
  }
}

export function isGoMap(value: GoValue): value is GoMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Struct) &&
    !(value instanceof StringList) &&
    !(value instanceof NilMap) &&
    !(value instanceof Timestamp)
  );
}

/** Takes a value that came through JSON: every number is a float. */
export function fromJson(value: unknown): GoValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
  }
  throw new TypeError(`A ${typeof value} cannot have come through JSON.`);
}
