import type { Bag } from './bag';
import type { EndpointRole } from './charm';
import type { Life } from './life';
import type { StatusInfo } from './status';

/** One side of a relation. */
export interface RelationEndpoint {
  readonly application: string;
  readonly endpoint: string;
  readonly role: EndpointRole;
  readonly interface: string;
  readonly scope: 'global' | 'container';
}

/** A relation: one endpoint for peers, two otherwise. */
export interface Relation {
  readonly id: number;
  readonly endpoints: readonly RelationEndpoint[];
  life: Life;
  suspended: boolean;
  status: StatusInfo;
  /** Absent = never written (its version is 0); an empty bag was written and emptied. */
  appBags: Record<string, Bag>;
  /** Stays after the unit has left, so that its data can still be read. */
  unitBags: Record<string, Bag>;
  /** Units in scope, in the order of entering. */
  inScope: string[];
}

/** `wordpress:db mysql:server` (requirer first), or `app:ring` for peers: Juju's relation key. */
export function relationKey(relation: Relation): string {
  const order = (side: RelationEndpoint): number => (side.role === 'requirer' ? 0 : 1);
  return [...relation.endpoints]
    .sort((a, b) => order(a) - order(b))
    .map((side) => `${side.application}:${side.endpoint}`)
    .join(' ');
}

/** The side of an application, if it takes part. A relation of an application with itself gives the first side. */
export const sideOf = (relation: Relation, application: string): RelationEndpoint | undefined =>
  relation.endpoints.find((side) => side.application === application);

/** The other side; for peers the same one. */
export function otherSide(relation: Relation, application: string): RelationEndpoint | undefined {
  return relation.endpoints.find((side) => side.application !== application) ?? relation.endpoints[0];
}

/** One endpoint that relates the units of an application with each other. */
export const isPeer = (relation: Relation): boolean => relation.endpoints.length === 1;
