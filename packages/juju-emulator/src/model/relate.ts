import type { Endpoint } from './charm';
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

/** Endpoints that a text may mean, in the order in which a real controller names them: requirers first. */
function candidates(world: World, side: Side): Endpoint[] {
  if (world.applications[side.application] === undefined) return [];
  const roles = ['requirer', 'provider', 'peer'];
  return Object.values(charmOf(world, side.application).spec.endpoints)
    .filter((endpoint) => side.endpoint === undefined || endpoint.name === side.endpoint)
    .sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
}

/** Every pair of endpoints by which two `app[:endpoint]` texts could be related. */
export function matchEndpoints(world: World, first: string, second: string): [RelationEndpoint, RelationEndpoint][] {
  const [a, b] = [parseSide(first), parseSide(second)];
  const [ours, theirs] = [candidates(world, a), candidates(world, b)];
  const missing = [...(ours.length === 0 ? [first] : []), ...(theirs.length === 0 ? [second] : [])];
  if (missing.length > 0)
    throw new ModelError(
      'not-found',
      'integrate',
      `${cannotRelate(first, second)}: no candidates for ${missing.join(' and ')}: relation endpoint not found`,
    );
  // An application is never related to itself.
  if (a.application === b.application) return [];
  const subordinate = [a, b].some((side) => charmOf(world, side.application).spec.subordinate);
  return providersFirst(ours).flatMap((one) =>
    theirs
      .filter((two) => canRelate(one, two) && (subordinate || (one.scope === 'global' && two.scope === 'global')))
      .map((two): [RelationEndpoint, RelationEndpoint] => {
        // Where one side is of the container, both are.
        const scope = one.scope === 'container' ? one.scope : two.scope;
        return [toSide(a.application, { ...one, scope }), toSide(b.application, { ...two, scope })];
      }),
  );
}

/** Juju looks at what an application provides before what it requires. */
const providersFirst = (endpoints: readonly Endpoint[]): Endpoint[] => [
  ...endpoints.filter(({ role }) => role === 'provider'),
  ...endpoints.filter(({ role }) => role !== 'provider'),
];

const canRelate = (one: Endpoint, two: Endpoint): boolean =>
  one.interface === two.interface &&
  ((one.role === 'provider' && two.role === 'requirer') || (one.role === 'requirer' && two.role === 'provider'));

const cannotRelate = (first: string, second: string): string =>
  `adding relation between endpoints "${first}" and "${second}": cannot relate endpoints "${first}" and "${second}"`;

/** Relates two applications. Refuses what Juju refuses: nothing fits, several fit, there already, dying, full, other bases. */
export function integrate(world: World, first: string, second: string, now: string): Relation {
  const pairs = matchEndpoints(world, first, second);
  const [pair, another] = pairs;
  if (pair === undefined)
    throw new ModelError(
      'not-found',
      'integrate',
      `${cannotRelate(first, second)}: no compatible endpoints found between applications`,
    );
  const named = pair.map((side) => `${side.application}:${side.endpoint}`);
  const refused = (why: string): ModelError =>
    new ModelError(
      'refused',
      'integrate',
      `adding relation between endpoints "${first}" and "${second}": cannot add relation "${named.join('", "')}": ${why}`,
    );
  if (another !== undefined) {
    const choices = pairs
      .map((each) => `"${each.map((side) => `${side.application}:${side.endpoint}`).join(' ')}"`)
      .join('; ');
    throw new ModelError(
      'not-valid',
      'integrate',
      `${cannotRelate(first, second)}: ambiguous relation: "${first} ${second}" could refer to ${choices}`,
    );
  }
  if (findRelation(world, pair) !== undefined) throw refused(`relation ${named.join(' ')}: already exists`);
  for (const side of pair) {
    if (applicationOf(world, side.application).life !== 'alive')
      throw refused(`application "${side.application}": application not alive`);
    const limit = charmOf(world, side.application).spec.endpoints[side.endpoint]?.limit ?? 0;
    const taken = Object.values(world.relations).filter((relation) =>
      relation.endpoints.some((each) => sameSide(each, side)),
    ).length;
    if (limit > 0 && taken >= limit)
      throw refused(
        `establishing a new relation for ${side.application}:${side.endpoint} would exceed its maximum relation limit of ${limit}`,
      );
  }
  const [one, two] = pair.map((side) => applicationOf(world, side.application));
  if (pair[0].scope === 'container' && one?.base !== two?.base)
    throw refused(`no compatible bases found for application "${one?.name ?? ''}" and "${two?.name ?? ''}"`);
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
