import { CharmFileError, mapAt, parseYamlMap, readCharmFile, textAt, type YamlMap } from './charm-yaml';

export interface ActionSpec {
  readonly name: string;
  readonly description: string;
  /** JSON-schema properties of the parameters, as written. */
  readonly params: Readonly<Record<string, YamlMap>>;
  readonly required: readonly string[];
  /** Whether parameters beside those in `params` are taken. */
  readonly additionalProperties: boolean;
}

export type ActionSpecs = Readonly<Record<string, ActionSpec>>;

const file = 'actions.yaml';
const namePattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Reads actions.yaml of a charm; no file means no actions. @throws CharmFileError */
export async function readActionSpecs(charmDir: string): Promise<ActionSpecs> {
  return parseActionSpecs((await readCharmFile(charmDir, file)) ?? '');
}

/** Parses the text of actions.yaml. @throws CharmFileError where a name is one that Juju refuses. */
export async function parseActionSpecs(text: string): Promise<ActionSpecs> {
  const map = await parseYamlMap(file, text);
  const specs = Object.keys(map).map((name) => {
    if (!namePattern.test(name) || /^juju(?:-|$)/.test(name)) {
      throw new CharmFileError(`parse ${file}`, `${file}: "${name}" cannot be an action's name`);
    }
    return actionSpec(name, mapAt(map, name));
  });
  return Object.freeze(Object.fromEntries(specs.map((one) => [one.name, one])));
}

function actionSpec(name: string, spec: YamlMap): ActionSpec {
  const params = mapAt(spec, 'params');
  const required = spec['required'];
  return Object.freeze({
    name,
    description: textAt(spec, 'description') ?? '',
    params: Object.fromEntries(Object.keys(params).map((key) => [key, mapAt(params, key)])),
    required: Array.isArray(required) ? required.filter((one) => typeof one === 'string') : [],
    additionalProperties: spec['additionalProperties'] !== false,
  });
}

/** The parameters with the defaults of actions.yaml filled in, as Juju does before it runs an action. */
export function withDefaults(
  spec: ActionSpec,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const defaults = Object.entries(spec.params).flatMap(([key, schema]) =>
    schema['default'] === undefined ? [] : [[key, schema['default']] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}
