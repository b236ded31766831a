import type { CharmSpec, Endpoint } from './charm';
import { ModelError } from './model-error';
import type { Relation, RelationEndpoint } from './relation';
import { isPeer, sideOf } from './relation';
import { statusOf } from './status';
import type { World } from './world';
import { applicationOf, charmOf, relationsOf } from './world';

interface Side {
  readonly application: string;
  readonly endpoint?: string | undefined;
}

const parseSide = (text: string): Side => {
  const [application = '', endpoint] = text.split(':');
  return { application, endpoint };
};

const toSide = (application: string, endpoint: Endpoint): RelationEndpoint => ({
  application,
  endpoint: endpoint.name,
  role: endpoint.role,
  interface: endpoint.interface,
  scope: endpoint.scope,
});

function candidates(spec: CharmSpec, side: Side): Endpoint[] {
  const endpoints = Object.values(spec.endpoints).filter((endpoint) => endpoint.role !== 'peer');
  if (side.endpoint === undefined) return endpoints;
  const named = endpoints.filter((endpoint) => endpoint.name === side.endpoint);
  if (named.length === 0)
    throw new ModelError(
      'not-found',
      'integrate',
      `application "${side.application}" has no "${side.endpoint}" relation`,
    );
  return named;
}

/** Every pair of endpoints by which two `app[:endpoint]` texts could be related. */
export function matchEndpoints(world: World, first: string, second: string): [RelationEndpoint, RelationEndpoint][] {
  const [a, b] = [parseSide(first), parseSide(second)];
  const pairs: [RelationEndpoint, RelationEndpoint][] = [];
  const [specA, specB] = [charmOf(world, a.application).spec, charmOf(world, b.application).spec];
  for (const one of candidates(specA, a))
    for (const two of candidates(specB, b)) {
      const opposite =
        (one.role === 'provider' && two.role === 'requirer') || (one.role === 'requirer' && two.role === 'provider');
      if (opposite && one.interface === two.interface)
        pairs.push([toSide(a.application, one), toSide(b.application, two)]);
    }
  // juju-info is meant only when named.
  const explicit = pairs.filter((pair) => pair.every((side) => side.endpoint !== 'juju-info'));
  return explicit.length > 0 ? explicit : pairs;
}

/** Relates two applications. Refuses what Juju refuses: nothing fits, several fit, there already. */
export function integrate(world: World, first: string, second: string, now: string): Relation {
  for (const side of [first, second]) applicationOf(world, parseSide(side).application);
  const pairs = matchEndpoints(world, first, second);
  const [pair, another] = pairs;
  if (pair === undefined) throw new ModelError('not-found', 'integrate', 'no relations found');
  if (another !== undefined) {
    const choices = pairs
      .map((each) => `"${each.map((side) => `${side.application}:${side.endpoint}`).join(' ')}"`)
      .join('; ');
    throw new ModelError(
      'not-valid',
      'integrate',
      `ambiguous relation: "${first} ${second}" could refer to ${choices}`,
    );
  }
  if (findRelation(world, pair) !== undefined) {
    const key = pair.map((side) => `${side.application}:${side.endpoint}`).join(' ');
    throw new ModelError('already-exists', 'integrate', `relation ${key} already exists`);
  }
  return addRelation(world, pair, now);
}

const sameSide = (a: RelationEndpoint, b: RelationEndpoint): boolean =>
  a.application === b.application && a.endpoint === b.endpoint;

function findRelation(world: World, endpoints: readonly RelationEndpoint[]): Relation | undefined {
  return Object.values(world.relations).find(
    (relation) =>
      relation.endpoints.length === endpoints.length &&
      endpoints.every((side) => relation.endpoints.some((other) => sameSide(side, other))),
  );
}

function addRelation(world: World, endpoints: readonly RelationEndpoint[], now: string): Relation {
  const relation: Relation = {
    id: world.nextRelation,
    endpoints,
    life: 'alive',
    suspended: false,
    status: statusOf(endpoints.length === 1 ? 'joined' : 'joining', '', now),
    appBags: {},
    unitBags: {},
    inScope: [],
  };
  world.nextRelation += 1;
  world.relations[String(relation.id)] = relation;
  return relation;
}

/** Peer relations of the charm that the application does not have yet. */
export function addPeerRelations(world: World, application: string, now: string): void {
  for (const endpoint of Object.values(charmOf(world, application).spec.endpoints)) {
    const side = toSide(application, endpoint);
    if (endpoint.role === 'peer' && findRelation(world, [side]) === undefined) addRelation(world, [side], now);
  }
}

/** `juju remove-relation`: by two endpoints or by id. */
export function removeRelation(world: World, first: string, second?: string): void {
  const relation = second === undefined ? world.relations[first] : relationBetween(world, first, second);
  if (relation === undefined) {
    const what = second === undefined ? `relation ${first}` : `relation "${first} ${second}"`;
    throw new ModelError('not-found', 'remove relation', `${what} not found`);
  }
  if (isPeer(relation)) throw new ModelError('refused', 'remove relation', 'cannot remove a peer relation');
  setRelationDying(world, relation);
}

function relationBetween(world: World, first: string, second: string): Relation | undefined {
  const [a, b] = [parseSide(first), parseSide(second)];
  const fits = (relation: Relation, side: Side): boolean =>
    relation.endpoints.some(
      (each) =>
        each.application === side.application && (side.endpoint === undefined || each.endpoint === side.endpoint),
    );
  const found = relationsOf(world, a.application).filter(
    (relation) => !isPeer(relation) && fits(relation, a) && fits(relation, b),
  );
  if (found.length > 1)
    throw new ModelError(
      'not-valid',
      'remove relation',
      `ambiguous relation: "${first} ${second}" could refer to several; name the endpoints`,
    );
  return found[0];
}

/** Both sides run departed and broken; with nobody in scope it is gone at once. */
export function setRelationDying(world: World, relation: Relation): void {
  if (relation.life === 'alive') relation.life = 'dying';
  removeRelationIfEmpty(world, relation);
}

/** A dying relation is gone when its scope is empty. */
export function removeRelationIfEmpty(world: World, relation: Relation): void {
  if (relation.life !== 'alive' && relation.inScope.length === 0) delete world.relations[String(relation.id)];
}

/** Name of the endpoint by which an application takes part. */
export const endpointOf = (relation: Relation, application: string): string =>
  sideOf(relation, application)?.endpoint ?? '';
