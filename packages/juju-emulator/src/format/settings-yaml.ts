import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Node,
  Scalar,
  type YAMLError,
} from 'yaml';
import { nullWords } from './yaml-resolve';

export type SettingsYaml =
  | { readonly ok: true; readonly settings: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly message: string };

const maxQuoted = 10;

/** The scanner's words for the mistakes people make; the rest keeps the parser's. */
function syntaxErrorText(error: YAMLError, line: number): string {
  const { message, code } = error;
  const at = line > 1 ? `line ${line}: ` : '';
  if (code === 'TAB_AS_INDENT' || message.includes('Tabs are not allowed')) {
    return `${at}found character that cannot start any token`;
  }
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || message.includes('compact mapping') || message.includes('implicit key')) {
    return `${at}mapping values are not allowed in this context`;
  }
  return `${at}${(message.split('\n')[0] ?? message).replace(/ at line .*$/, '')}`;
}

function typeName(node: Node | null): string {
  if (isMap(node)) return '!!map';
  if (isSeq(node)) return '!!seq';
  const text = isScalar(node) ? (node.source ?? String(node.value)) : '';
  return `!!str \`${text.length > maxQuoted ? `${text.slice(0, maxQuoted - 3)}...` : text}\``;
}

function scalarText(node: Scalar): string {
  const source = node.source ?? String(node.value);
  if (node.tag === 'tag:yaml.org,2002:binary' || node.tag === '!!binary') {
    return Buffer.from(source, 'base64').toString();
  }
  // Null deletes; every other plain scalar keeps its spelling.
  return node.type === Scalar.PLAIN && nullWords.has(source) ? '' : source;
}

/** Reads the first document as Go reads a map[string]string: scalars only, spelling kept, the last of equal keys wins. */
export function parseSettingsYaml(text: string): SettingsYaml {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { schema: 'failsafe', version: '1.1', uniqueKeys: false, lineCounter: lines });
  const [document] = Array.isArray(parsed) ? parsed : [];
  if (document === undefined) return { ok: true, settings: new Map() };
  const [error] = document.errors;
  if (error !== undefined) {
    return { ok: false, message: `yaml: ${syntaxErrorText(error, lines.linePos(error.pos[0]).line)}` };
  }
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  const cannot = (node: Node, type: string): SettingsYaml => ({
    ok: false,
    message: `yaml: unmarshal errors:\n  line ${lineOf(node)}: cannot unmarshal ${typeName(node)} into ${type}`,
  });
  const root = document.contents as Node | null;
  if (root === null || (isScalar(root) && scalarText(root) === '')) return { ok: true, settings: new Map() };
  if (!isMap(root)) return cannot(root, 'map[string]string');
  const settings = new Map<string, string>();
  for (const pair of root.items) {
    const [key, value] = [pair.key, pair.value].map((node) =>
      isAlias(node) ? (node.resolve(document) ?? null) : node,
    ) as [Node | null, Node | null];
    if (key !== null && !isScalar(key)) return cannot(key, 'string');
    if (value !== null && !isScalar(value)) return cannot(value, 'string');
    settings.set(key === null ? '' : scalarText(key), value === null ? '' : scalarText(value));
  }
  return { ok: true, settings };
}
