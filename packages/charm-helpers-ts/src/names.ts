/** Juju's name of a unit: application, slash, number, e.g. `db/0`. */
export type UnitName = string & { readonly __brand: 'UnitName' };
/** Juju's id of a relation as hooks see it: endpoint, colon, number, e.g. `db:7`. */
export type RelationId = string & { readonly __brand: 'RelationId' };

const unitPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*\/(?:0|[1-9][0-9]*)$/;
const relationPattern = /^[^:\s]+:[0-9]+$/;

/** Tells a unit's name from an application's (or anything else). */
export const isUnitName = (text: string): text is UnitName => unitPattern.test(text);

/** Tells text of the form `endpoint:number`. */
export const isRelationId = (text: string): text is RelationId => relationPattern.test(text);

/** @throws RangeError where the text is no unit name. */
export function unitName(text: string): UnitName {
  if (!isUnitName(text)) throw new RangeError(`"${text}" is no unit name; expected one such as "db/0"`);
  return text;
}

/** @throws RangeError where the text is no relation id. */
export function relationId(text: string): RelationId {
  if (!isRelationId(text)) throw new RangeError(`"${text}" is no relation id; expected one such as "db:7"`);
  return text;
}

/** The application of a unit: `db/0` -> `db`. */
export const applicationOf = (unit: UnitName): string => unit.slice(0, unit.lastIndexOf('/'));

/** The number of a unit within its application: `db/10` -> 10. */
export const unitNumber = (unit: UnitName): number => Number(unit.slice(unit.lastIndexOf('/') + 1));

/** The endpoint of a relation id: `db:7` -> `db`. */
export const endpointOf = (id: RelationId): string => id.slice(0, id.lastIndexOf(':'));
