import { charmYaml, checkActionName, checkMetadata, checkOptions } from './charm-check';
import { parseStorage, type StorageSpec } from './storage-spec';

export type EndpointRole = 'provider' | 'requirer' | 'peer';

/** One endpoint of metadata.yaml. */
export interface Endpoint {
  readonly name: string;
  readonly role: EndpointRole;
  readonly interface: string;
  readonly scope: 'global' | 'container';
  readonly optional: boolean;
  /** 0 = no limit. */
  readonly limit: number;
}

export type OptionType = 'string' | 'int' | 'float' | 'boolean' | 'secret';

/** One option of config.yaml. */
export interface ConfigOption {
  readonly type: OptionType;
  readonly description: string;
  readonly default?: string | number | boolean;
}

/** One action of actions.yaml; `schema` is the JSON schema of its parameters. */
export interface ActionSpec {
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly parallel: boolean;
}

/** One resource of metadata.yaml. */
export interface ResourceSpec {
  readonly type: string;
  readonly filename: string;
  readonly description: string;
}

/** What the model knows of a charm: its yaml files, parsed. */
export interface CharmSpec {
  readonly name: string;
  readonly subordinate: boolean;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly extraBindings: readonly string[];
  readonly options: Readonly<Record<string, ConfigOption>>;
  readonly actions: Readonly<Record<string, ActionSpec>>;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
  readonly storage: Readonly<Record<string, StorageSpec>>;
  /** Bases of manifest.yaml, like `ubuntu@24.04`; none = any. */
  readonly bases: readonly string[];
  readonly version: string;
}

/** The yaml texts of a charm; all but metadata may be missing. */
export interface CharmFiles {
  readonly metadata: string;
  readonly config?: string | undefined;
  readonly actions?: string | undefined;
  readonly version?: string | undefined;
  readonly manifest?: string | undefined;
}

type Yaml = Record<string, unknown>;
const map = (value: unknown): Yaml =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Yaml) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Parses a charm's yaml files (formats: Juju's metadata.yaml, config.yaml, actions.yaml). Throws `ModelError` when they break Juju's rules. */
export function parseCharm(files: CharmFiles): CharmSpec {
  const metadata: Yaml = charmYaml('metadata.yaml', files.metadata);
  checkMetadata(metadata);
  const name = text(metadata.name);
  const endpoints: Record<string, Endpoint> = {};
  const sections: [string, EndpointRole][] = [
    ['provides', 'provider'],
    ['requires', 'requirer'],
    ['peers', 'peer'],
  ];
  for (const [section, role] of sections)
    for (const [endpoint, raw] of Object.entries(map(metadata[section]))) {
      const declared = typeof raw === 'string' ? { interface: raw } : map(raw);
      endpoints[endpoint] = {
        name: endpoint,
        role,
        interface: text(declared.interface),
        scope: declared.scope === 'container' ? 'container' : 'global',
        optional: declared.optional === true,
        limit: typeof declared.limit === 'number' ? declared.limit : 0,
      };
    }
  // Every charm provides juju-info; its provider side runs no hooks.
  endpoints['juju-info'] ??= {
    name: 'juju-info',
    role: 'provider',
    interface: 'juju-info',
    scope: 'global',
    optional: false,
    limit: 0,
  };
  return {
    name,
    subordinate: metadata.subordinate === true,
    endpoints,
    extraBindings: Object.keys(map(metadata['extra-bindings'])),
    options: parseOptions(files.config),
    actions: parseActions(files.actions),
    resources: parseResources(metadata.resources),
    storage: parseStorage(name, metadata.storage),
    bases: parseBases(files.manifest),
    version: (files.version ?? '').split('\n')[0] ?? '',
  };
}

/** `bases` of manifest.yaml: name and channel; a channel's `/stable` says nothing. */
function parseBases(source: string | undefined): string[] {
  const { bases } = source === undefined ? { bases: [] } : charmYaml('manifest.yaml', source);
  return (Array.isArray(bases) ? bases : []).map((base: unknown) => {
    const { name, channel } = map(base);
    return `${text(name)}@${String(channel).replace(/\/stable$/, '')}`;
  });
}

function parseOptions(source: string | undefined): Record<string, ConfigOption> {
  const options: Record<string, ConfigOption> = {};
  const declared = map((source === undefined ? {} : charmYaml('config.yaml', source))['options']);
  checkOptions(declared);
  for (const [name, raw] of Object.entries(declared)) {
    const option = map(raw);
    const type = text(option.type) as OptionType;
    const fallback = option.default;
    options[name] = {
      type: ['string', 'int', 'float', 'boolean', 'secret'].includes(type) ? type : 'string',
      description: text(option.description),
      ...(typeof fallback === 'string' || typeof fallback === 'number' || typeof fallback === 'boolean'
        ? { default: type === 'string' && typeof fallback !== 'string' ? String(fallback) : fallback }
        : {}),
    };
  }
  return options;
}

function parseActions(source: string | undefined): Record<string, ActionSpec> {
  const actions: Record<string, ActionSpec> = {};
  for (const [name, raw] of Object.entries(source === undefined ? {} : charmYaml('actions.yaml', source))) {
    checkActionName(name);
    const action = map(raw);
    const description = text(action.description) || 'No description';
    // Juju makes a JSON schema of the entry: params are the properties, the other keys stay where they are.
    const rest = Object.fromEntries(
      Object.entries(action).filter(([key]) => !['params', 'parallel', 'execution-group', 'description'].includes(key)),
    );
    actions[name] = {
      description,
      parallel: action.parallel === true,
      schema: {
        title: name,
        description,
        type: 'object',
        properties: map(action.params),
        additionalProperties: false,
        ...rest,
      },
    };
  }
  return actions;
}

function parseResources(source: unknown): Record<string, ResourceSpec> {
  const resources: Record<string, ResourceSpec> = {};
  for (const [name, raw] of Object.entries(map(source))) {
    const resource = map(raw);
    resources[name] = {
      type: text(resource.type) || 'file',
      filename: text(resource.filename),
      description: text(resource.description),
    };
  }
  return resources;
}
