import { formatFloatG } from './go-number';
import { type GoValue, isGoMap, NilMap, StringList, Struct, Timestamp } from './go-value';
import { sortKeys } from './yaml-key-order';
import { isBase60, resolvesToOtherType } from './yaml-resolve';
import { analyzeScalar, isBreak, isPrintable, type ScalarAnalysis } from './yaml-scalar';

type Style = 'plain' | 'single' | 'double' | 'literal';

interface Scalar {
  readonly characters: readonly string[];
  readonly wanted: Style;
  readonly analysis: ScalarAnalysis;
}

const bestWidth = 80;
const bestIndent = 2;
const maxSimpleKeyBytes = 128;
const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\u0007': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\u001b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escapeCharacter(character: string): string {
  const short = escapes[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const [letter, width] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(width, '0')}`;
}

function makeScalar(text: string, wanted: Style): Scalar {
  const characters = [...text];
  return { characters, wanted, analysis: analyzeScalar(characters) };
}

function stringScalar(text: string): Scalar {
  if (text.includes('\n')) return makeScalar(text, 'literal');
  return makeScalar(text, resolvesToOtherType(text) || isBase60(text) ? 'double' : 'plain');
}

function leafScalar(value: string | number | bigint | boolean | null | Timestamp): Scalar {
  if (typeof value === 'string') return stringScalar(value);
  if (value === null) return makeScalar('null', 'plain');
  if (value instanceof Timestamp) return makeScalar(value.text, 'plain');
  if (typeof value === 'number') {
    const text = formatFloatG(value);
    return makeScalar({ '+Inf': '.inf', '-Inf': '-.inf', NaN: '.nan' }[text] ?? text, 'plain');
  }
  return makeScalar(String(value), 'plain');
}

/** The block-style emitter of libyaml as Go's yaml.v2 carries it: same folding, same quoting, same complex keys. */
class Emitter {
  private readonly out: string[] = [];
  private indent = -1;
  private column = 0;
  private whitespace = true;
  private indention = true;

  emitDocument(value: GoValue): string {
    this.emitNode(value, false);
    this.indent = -1;
    this.writeIndent();
    return this.out.join('');
  }

  private emitNode(value: GoValue, mappingContext: boolean): void {
    if (value instanceof NilMap) this.emitFlowEmpty('{', '}');
    else if (value instanceof StringList) this.emitSequence(value.items ?? [], mappingContext);
    else if (value instanceof Struct) this.emitMapping(value.fields);
    else if (Array.isArray(value)) this.emitSequence(value as readonly GoValue[], mappingContext);
    else if (isGoMap(value)) this.emitMapping(sortKeys(Object.keys(value)).map((key) => [key, value[key] ?? null]));
    else this.emitScalar(leafScalar(value as string | number | bigint | boolean | null | Timestamp), false);
  }

  private emitFlowEmpty(open: string, close: string): void {
    this.writeIndicator(open, true, true, false);
    this.writeIndicator(close, false, false, false);
  }

  private emitSequence(items: readonly GoValue[], mappingContext: boolean): void {
    if (items.length === 0) return this.emitFlowEmpty('[', ']');
    const outer = this.indent;
    // Under a key the dash stands in the key's own column.
    const indentless = mappingContext && !this.indention;
    this.increaseIndent(false, indentless);
    for (const item of items) {
      this.writeIndent();
      this.writeIndicator('-', true, false, true);
      this.emitNode(item, false);
    }
    this.indent = outer;
  }

  private emitMapping(fields: readonly (readonly [string, GoValue])[]): void {
    if (fields.length === 0) return this.emitFlowEmpty('{', '}');
    const outer = this.indent;
    this.increaseIndent(false, false);
    for (const [name, value] of fields) {
      this.writeIndent();
      const key = stringScalar(name);
      const simple = !key.analysis.multiline && Buffer.byteLength(name) <= maxSimpleKeyBytes;
      if (simple) {
        this.emitScalar(key, true);
        this.writeIndicator(':', false, false, false);
      } else {
        this.writeIndicator('?', true, false, true);
        this.emitScalar(key, false);
        this.writeIndent();
        this.writeIndicator(':', true, false, true);
      }
      this.emitNode(value, true);
    }
    this.indent = outer;
  }

  private increaseIndent(flow: boolean, indentless: boolean): void {
    if (this.indent < 0) this.indent = flow ? bestIndent : 0;
    else if (!indentless) this.indent += bestIndent;
  }

  private emitScalar(scalar: Scalar, simpleKey: boolean): void {
    const outer = this.indent;
    this.increaseIndent(true, false);
    const style = this.chooseStyle(scalar, simpleKey);
    const allowBreaks = !simpleKey;
    if (style === 'plain') this.writePlain(scalar.characters, allowBreaks);
    else if (style === 'single') this.writeSingleQuoted(scalar.characters, allowBreaks);
    else if (style === 'double') this.writeDoubleQuoted(scalar.characters, allowBreaks);
    else this.writeLiteral(scalar.characters);
    this.indent = outer;
  }

  private chooseStyle({ characters, wanted, analysis }: Scalar, simpleKey: boolean): Style {
    let style = simpleKey && analysis.multiline ? 'double' : wanted;
    if (style === 'plain' && (!analysis.blockPlainAllowed || (characters.length === 0 && simpleKey))) style = 'single';
    if (style === 'single' && !analysis.singleQuotedAllowed) style = 'double';
    if (style === 'literal' && (!analysis.blockAllowed || simpleKey)) style = 'double';
    return style;
  }

  private put(text: string): void {
    this.out.push(text);
    this.column += [...text].length;
  }

  private putBreak(text = '\n'): void {
    this.out.push(text);
    this.column = 0;
  }

  private writeIndicator(text: string, needWhitespace: boolean, whitespace: boolean, indention: boolean): void {
    if (needWhitespace && !this.whitespace) this.put(' ');
    this.put(text);
    this.whitespace = whitespace;
    this.indention = this.indention && indention;
  }

  private writeIndent(): void {
    const indent = Math.max(this.indent, 0);
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) this.putBreak();
    if (this.column < indent) this.put(' '.repeat(indent - this.column));
    this.whitespace = true;
    this.indention = true;
  }

  private writePlain(characters: readonly string[], allowBreaks: boolean): void {
    if (!this.whitespace) this.put(' ');
    this.writeFolded(characters, (i) => allowBreaks && characters[i + 1] !== ' ', false);
    this.whitespace = false;
    this.indention = false;
  }

  private writeSingleQuoted(characters: readonly string[], allowBreaks: boolean): void {
    this.writeIndicator("'", true, false, false);
    const last = characters.length - 1;
    this.writeFolded(characters, (i) => allowBreaks && i > 0 && i < last && characters[i + 1] !== ' ', true);
    this.writeIndicator("'", false, false, false);
    this.whitespace = false;
    this.indention = false;
  }

  private writeFolded(characters: readonly string[], mayFold: (i: number) => boolean, doubleQuotes: boolean): void {
    let spaces = false;
    let breaks = false;
    characters.forEach((character, i) => {
      if (character === ' ') {
        if (!spaces && this.column > bestWidth && mayFold(i)) this.writeIndent();
        else this.put(character);
        spaces = true;
      } else if (isBreak(character)) {
        if (!breaks && character === '\n') this.putBreak();
        this.putBreak(character);
        this.indention = true;
        breaks = true;
      } else {
        if (breaks) this.writeIndent();
        if (doubleQuotes && character === "'") this.put("'");
        this.put(character);
        this.indention = false;
        spaces = false;
        breaks = false;
      }
    });
  }

  private writeDoubleQuoted(characters: readonly string[], allowBreaks: boolean): void {
    this.writeIndicator('"', true, false, false);
    let spaces = false;
    characters.forEach((character, i) => {
      if (!isPrintable(character) || isBreak(character) || character === '"' || character === '\\') {
        this.put(escapeCharacter(character));
        spaces = false;
      } else if (character === ' ') {
        if (allowBreaks && !spaces && this.column > bestWidth && i > 0 && i < characters.length - 1) {
          this.writeIndent();
          if (characters[i + 1] === ' ') this.put('\\');
        } else this.put(character);
        spaces = true;
      } else {
        this.put(character);
        spaces = false;
      }
    });
    this.writeIndicator('"', false, false, false);
    this.whitespace = false;
    this.indention = false;
  }

  private writeLiteral(characters: readonly string[]): void {
    const [first] = characters;
    this.writeIndicator('|', true, false, false);
    if (first === ' ' || isBreak(first)) this.put(String(bestIndent));
    if (!isBreak(characters.at(-1))) this.put('-');
    else if (characters.length === 1 || isBreak(characters.at(-2))) this.put('+');
    this.putBreak();
    this.indention = true;
    this.whitespace = true;
    let breaks = true;
    for (const character of characters) {
      if (isBreak(character)) {
        this.putBreak(character);
        this.indention = true;
        breaks = true;
      } else {
        if (breaks) this.writeIndent();
        this.put(character);
        this.indention = false;
        breaks = false;
      }
    }
  }
}

/** yaml.Marshal of Go's yaml.v2. */
export function encodeYaml(value: GoValue): string {
  return new Emitter().emitDocument(value);
}
