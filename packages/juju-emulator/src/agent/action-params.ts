import Ajv from 'ajv';
import type { ActionSpec } from '../model';

/** Result of checking an action's parameters: the parameters with defaults put in, or why they do not do. */
export type CheckedParams = { readonly params: Record<string, unknown> } | { readonly refusal: string };

/** Checks parameters against the action's JSON schema and puts its defaults in. Wording of a refusal: Juju's (gojsonschema). */
export function checkActionParams(
  name: string,
  action: ActionSpec,
  given: Readonly<Record<string, unknown>>,
): CheckedParams {
  const ajv = new Ajv({ useDefaults: true, allErrors: true, strict: false, validateFormats: false });
  const params = structuredClone(given) as Record<string, unknown>;
  // `$schema` may name a draft that ajv does not carry; the keywords used here mean the same in all of them.
  const validate = ajv.compile(Object.fromEntries(Object.entries(action.schema).filter(([key]) => key !== '$schema')));
  if (validate(params)) return { params };
  const reasons = (validate.errors ?? []).map((error) => {
    const where = error.instancePath === '' ? '(root)' : `(root)${error.instancePath.replaceAll('/', '.')}`;
    if (error.keyword === 'additionalProperties')
      return `${where} : additional property "${String(error.params.additionalProperty)}" is not allowed, given ${JSON.stringify(given)}`;
    if (error.keyword === 'required')
      return `${where} : "${String(error.params.missingProperty)}" property is missing and required, given ${JSON.stringify(given)}`;
    if (error.keyword === 'type') {
      const value = error.instancePath
        .split('/')
        .slice(1)
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], given);
      return `${where} : must be of type ${String(error.params.type)}, given ${JSON.stringify(value)}`;
    }
    return `${where} : ${error.message ?? 'is not valid'}`;
  });
  return { refusal: `cannot run "${name}" action: validation failed: ${reasons.join('; ')}` };
}
