import { encodeJson } from './go-json';
import { type GoValue, StringList } from './go-value';
import { encodeYaml } from './yaml-emitter';

export type OutputFormat = 'smart' | 'yaml' | 'json';

/** Go's cmd.FormatYaml: nothing for nil, and one final newline whatever the document ended in. */
export function formatYaml(value: GoValue): string {
  if (value === null) return '';
  return `${encodeYaml(value).replace(/\n+$/, '')}\n`;
}

export function formatJson(value: GoValue): string {
  return `${encodeJson(value)}\n`;
}

/** Go's cmd.FormatSmart: bare text for a string, a list of strings or a bool, else yaml. */
export function formatSmart(value: GoValue): string {
  if (value === null || value === '') return '';
  if (typeof value === 'string') return `${value}\n`;
  if (typeof value === 'boolean') return value ? 'True\n' : 'False\n';
  if (value instanceof StringList) {
    return value.items === null || value.items.length === 0 ? '' : `${value.items.join('\n')}\n`;
  }
  return formatYaml(value);
}

export const formatters: Readonly<Record<OutputFormat, (value: GoValue) => string>> = {
  smart: formatSmart,
  yaml: formatYaml,
  json: formatJson,
};
