import { isRecord } from '../tools/output';
import { refuse } from './refusal';

/** What Juju makes of a YAML map of strings given on stdin or in a file: scalars keep their spelling, null removes. */
export async function stringValues(text: string | undefined): Promise<Readonly<Record<string, string>>> {
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text ?? '', { schema: 'failsafe' });
  } catch {
    refuse(1, 'yaml: unmarshal errors');
  }
  if (value === null || value === undefined || value === '') return {};
  if (!isRecord(value)) refuse(1, 'yaml: unmarshal errors');
  const entries = Object.entries(value).map(([key, one]) => {
    if (typeof one !== 'string' && one !== null) refuse(1, 'yaml: unmarshal errors');
    return [key, one ?? ''] as const;
  });
  return Object.fromEntries(entries);
}
