import { CharmFileError, mapAt, parseYamlMap, readCharmFile, textAt, type YamlMap } from './charm-yaml';

export interface EndpointMetadata {
  readonly name: string;
  readonly role: 'provides' | 'requires' | 'peers';
  readonly interface: string;
  readonly scope: 'global' | 'container';
  /** How many relations it takes; null for any number. */
  readonly limit: number | null;
  readonly optional: boolean;
}

export interface StorageMetadata {
  readonly name: string;
  readonly type: 'filesystem' | 'block';
  readonly location: string | null;
  /** `multiple.range` as written, e.g. `0-1` or `1+`; null for exactly one. */
  readonly range: string | null;
}

export interface ResourceMetadata {
  readonly name: string;
  readonly type: 'file' | 'oci-image';
  readonly filename: string | null;
}

export interface CharmMetadata {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly subordinate: boolean;
  /** By name: an endpoint's name is unique over all roles. */
  readonly endpoints: Readonly<Record<string, EndpointMetadata>>;
  readonly extraBindings: readonly string[];
  readonly storage: Readonly<Record<string, StorageMetadata>>;
  readonly resources: Readonly<Record<string, ResourceMetadata>>;
  readonly containers: readonly string[];
}

const file = 'metadata.yaml';

/** Reads metadata.yaml of a charm. @throws CharmFileError where it is missing or wrong. */
export async function readMetadata(charmDir: string): Promise<CharmMetadata> {
  const text = await readCharmFile(charmDir, file);
  if (text === null) throw new CharmFileError(`read ${file}`, `${charmDir} has no ${file}: not a charm`);
  return parseMetadata(text);
}

/** Parses the text of metadata.yaml. @throws CharmFileError */
export async function parseMetadata(text: string): Promise<CharmMetadata> {
  const map = await parseYamlMap(file, text);
  const name = textAt(map, 'name');
  if (name === null) throw wrong('name is missing');
  const roles = ['provides', 'requires', 'peers'] as const;
  const endpoints = roles.flatMap((role) => named(map, role).map(([one, spec]) => endpoint(role, one, spec)));
  for (const [index, one] of endpoints.entries()) {
    if (endpoints.findIndex((other) => other.name === one.name) !== index)
      throw wrong(`endpoint ${one.name} is there twice`);
  }
  return Object.freeze({
    name,
    summary: textAt(map, 'summary') ?? '',
    description: textAt(map, 'description') ?? '',
    subordinate: map['subordinate'] === true,
    endpoints: byName(endpoints),
    extraBindings: Object.keys(mapAt(map, 'extra-bindings')),
    storage: byName(named(map, 'storage').map(([one, spec]) => storage(one, spec))),
    resources: byName(named(map, 'resources').map(([one, spec]) => resource(one, spec))),
    containers: Object.keys(mapAt(map, 'containers')),
  });
}

const wrong = (problem: string): CharmFileError => new CharmFileError(`parse ${file}`, `${file}: ${problem}`);

/** The entries of a section; `name: interface` is short for `name: {interface: interface}`. */
const named = (map: YamlMap, section: string): readonly (readonly [string, YamlMap])[] =>
  Object.entries(mapAt(map, section)).map(([name, spec]) => [
    name,
    typeof spec === 'string' ? { interface: spec } : mapAt({ spec }, 'spec'),
  ]);

const byName = <T extends { readonly name: string }>(all: readonly T[]): Readonly<Record<string, T>> =>
  Object.freeze(Object.fromEntries(all.map((one) => [one.name, Object.freeze(one)])));

function endpoint(role: EndpointMetadata['role'], name: string, spec: YamlMap): EndpointMetadata {
  const kind = textAt(spec, 'interface');
  if (kind === null) throw wrong(`endpoint ${name} has no interface`);
  const scope = textAt(spec, 'scope') ?? 'global';
  if (scope !== 'global' && scope !== 'container') throw wrong(`endpoint ${name} has the unknown scope ${scope}`);
  const limit = spec['limit'];
  return {
    name,
    role,
    interface: kind,
    scope,
    limit: typeof limit === 'number' ? limit : null,
    optional: spec['optional'] === true,
  };
}

function storage(name: string, spec: YamlMap): StorageMetadata {
  const type = textAt(spec, 'type');
  if (type !== 'filesystem' && type !== 'block') throw wrong(`storage ${name} has the unknown type ${type ?? ''}`);
  return { name, type, location: textAt(spec, 'location'), range: textAt(mapAt(spec, 'multiple'), 'range') };
}

function resource(name: string, spec: YamlMap): ResourceMetadata {
  const type = textAt(spec, 'type') ?? 'file';
  if (type !== 'file' && type !== 'oci-image') throw wrong(`resource ${name} has the unknown type ${type}`);
  return { name, type, filename: textAt(spec, 'filename') };
}
