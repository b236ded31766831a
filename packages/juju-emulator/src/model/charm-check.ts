import { parse } from 'yaml';
import type { EndpointRole } from './charm';
import { ModelError } from './model-error';

type Yaml = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Yaml => typeof value === 'object' && value !== null && !Array.isArray(value);

const refuse = (message: string): ModelError => new ModelError('not-valid', 'parse charm', message);

/** What a value is called in refusals: `nothing`, `string("x")`, `int(3)`. */
function got(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return `string(${JSON.stringify(value)})`;
  if (typeof value === 'number') return `${Number.isInteger(value) ? 'int' : 'float64'}(${value})`;
  if (typeof value === 'boolean') return `bool(${value})`;
  return Array.isArray(value) ? 'list' : 'map';
}

/** A file of a charm that is yaml with a map at its top; an empty file is an empty map. */
export function charmYaml(file: string, source: string): Yaml {
  let document: unknown;
  try {
    document = parse(source);
  } catch (error) {
    throw refuse(`parsing "${file}" file: yaml: ${(error as Error).message.split('\n')[0] ?? ''}`);
  }
  if (document === null || document === undefined) return {};
  if (!isMap(document)) throw refuse(`parsing "${file}" file: metadata: expected map, got ${got(document)}`);
  return document;
}

const roles: readonly (readonly [section: string, role: EndpointRole])[] = [
  ['provides', 'provider'],
  ['requires', 'requirer'],
  ['peers', 'peer'],
];

/** The `juju` name space is Juju's, but charms that are called so themselves may use it. */
const isReserved = (charm: string, name: string): boolean =>
  !charm.startsWith('juju-') && (name === 'juju' || name.startsWith('juju-'));

/** Refuses metadata that Juju refuses, in its words: what must be there, reserved and duplicated names, subordinates without a container relation. */
export function checkMetadata(metadata: Yaml): void {
  for (const key of ['name', 'summary', 'description'])
    if (typeof metadata[key] !== 'string') throw refuse(`metadata: ${key}: expected string, got ${got(metadata[key])}`);
  const name = String(metadata['name']);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/.test(name)) throw refuse(`charm name "${name}" not valid`);
  const isSubordinate = metadata['subordinate'] === true;
  const seen = new Set<string>();
  let hasContainer = false;
  for (const [section, role] of roles) {
    const endpoints = metadata[section];
    if (endpoints === undefined || endpoints === null) continue;
    if (!isMap(endpoints)) throw refuse(`metadata: ${section}: expected map, got ${got(endpoints)}`);
    for (const [endpoint, raw] of Object.entries(endpoints)) {
      const declared: Yaml = typeof raw === 'string' ? { interface: raw } : isMap(raw) ? raw : {};
      const where = `metadata: ${section}.${endpoint}`;
      const { interface: kind, scope, limit } = declared;
      if (typeof kind !== 'string') throw refuse(`${where}.interface: expected string, got ${got(kind)}`);
      if (scope !== undefined && scope !== null && scope !== 'global' && scope !== 'container')
        throw refuse(`${where}.scope: unexpected value ${JSON.stringify(scope)}`);
      if (limit !== undefined && limit !== null && !Number.isInteger(limit))
        throw refuse(`${where}.limit: expected int, got ${got(limit)}`);
      const isContainer = role === 'requirer' && scope === 'container';
      hasContainer ||= isContainer;
      if (!(isSubordinate && isContainer) && isReserved(name, endpoint))
        throw refuse(`charm "${name}" using a reserved relation name: "${endpoint}"`);
      if (role !== 'requirer' && isReserved(name, kind))
        throw refuse(`charm "${name}" relation "${endpoint}" using a reserved interface: "${kind}"`);
      if (seen.has(endpoint)) throw refuse(`charm "${name}" using a duplicated relation name: "${endpoint}"`);
      seen.add(endpoint);
    }
  }
  if (isSubordinate && !hasContainer)
    throw refuse(`subordinate charm "${name}" lacks "requires" relation with container scope`);
}

const fits: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  secret: (value) => typeof value === 'string',
  int: (value) => Number.isInteger(value),
  float: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
};

/** Refuses options of unknown types, and defaults that are not of their option's type. */
export function checkOptions(options: Yaml): void {
  for (const [name, raw] of Object.entries(options)) {
    const { type = 'string', default: fallback } = isMap(raw) ? raw : {};
    const check = typeof type === 'string' ? fits[type] : undefined;
    if (check === undefined) throw refuse(`invalid config: option "${name}" has unknown type ${JSON.stringify(type)}`);
    if (fallback === undefined || fallback === null || fallback === '' || check(fallback)) continue;
    throw refuse(`invalid config default: option "${name}" expected ${String(type)}, got ${JSON.stringify(fallback)}`);
  }
}

/** Names of actions: lower-case letters, digits and hyphens; `juju` is Juju's. */
export function checkActionName(name: string): void {
  if (name === 'juju' || name.startsWith('juju-'))
    throw refuse(`cannot use action name ${name}: "juju" is a reserved name`);
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name)) throw refuse(`bad action name ${name}`);
}
