import { encodeJson } from '../format/go-json';
import { type GoValue, Struct, Timestamp } from '../format/go-value';
import { encodeYaml } from '../format/yaml-emitter';

/** A map of Go: its keys print in their natural order in yaml, by bytes in json. */
export class MapDocument {
  constructor(readonly entries: Readonly<Record<string, unknown>>) {}
}

/** A document whose keys stay in the order given (Go's structs); whole numbers print as integers. */
export function orderedDocument(value: unknown): GoValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (value instanceof Timestamp) return value;
  if (Array.isArray(value)) return value.map(orderedDocument);
  if (value instanceof MapDocument)
    return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, orderedDocument(item)]));
  return new Struct(Object.entries(value).map(([key, item]): [string, GoValue] => [key, orderedDocument(item)]));
}

/** The document as Juju's client prints yaml. */
export const toYaml = (value: unknown): string => encodeYaml(orderedDocument(value));

/** The document as Juju's client prints json: compact, one line. */
export const toJson = (value: unknown): string => `${encodeJson(orderedDocument(value))}\n`;
