import { jujuRelease } from '../context';
import { applicationOf, endpointOf, isUnitName, unitName } from '../names';
import type { RelationBag } from '../tools/relation';
import type { KitTools } from './kit-tool';
import { changedBag, changeRelation, type HookSession } from './hook-session';
import { refuse } from './refusal';
import { isPeer, type RelationState } from './state';
import { keyValues, option, type ToolArguments } from './tool-arguments';
import { stringValues } from './yaml-input';

/** `relation-*` with Juju's rules for who sees and writes what. */
export const relationKitTools: KitTools = {
  'relation-ids': ({ session, args }) => {
    const endpoint = args.positional[0] ?? hookRelation(session)?.endpoint;
    if (endpoint === undefined) refuse(2, 'no endpoint name specified');
    return session.before.relations
      .filter((one) => endpointOf(one.id) === endpoint && !isBreaking(session, one))
      .map((one) => one.id)
      .sort();
  },
  'relation-list': ({ session, args }) => {
    const relation = chosenRelation(session, args);
    return args.options['--app'] === true ? relation.remoteApplication : Object.keys(relation.remoteUnits).sort();
  },
  'relation-get': ({ session, args }) => {
    const relation = chosenRelation(session, args);
    const [key = '-', owner] = args.positional;
    const bag = bagOf(session, relation, owner, args.options['--app'] === true);
    return key === '-' || key === '' ? bag : (bag[key] ?? null);
  },
  'relation-set': async ({ session, args, stdin }) => {
    const relation = chosenRelation(session, args);
    const file = option(args, '--file');
    const changes = { ...(file === '-' ? await stringValues(stdin) : {}), ...keyValues(args.positional) };
    if (args.options['--app'] !== true) {
      changeRelation(session, { ...relation, localUnitBag: changedBag(relation.localUnitBag, changes) });
      return undefined;
    }
    if (!session.before.leader) refuse(1, 'cannot write relation settings');
    session.wroteAsLeader ||= Object.keys(changes).length > 0;
    changeRelation(session, { ...relation, localApplicationBag: changedBag(relation.localApplicationBag, changes) });
    return undefined;
  },
  'relation-model-get': ({ session, args }) => {
    chosenRelation(session, args);
    const { major, minor } = jujuRelease(session.before.jujuVersion);
    if (major < 3 || (major === 3 && minor < 6)) refuse(1, 'bad request: unknown command: relation-model-get');
    return { uuid: session.before.model.uuid };
  },
};

interface HookRelation {
  readonly endpoint: string;
  readonly relationId: string;
  readonly remoteUnit: string | null;
  readonly remoteApplication: string | null;
}

/** The relation that the hook is about, if any. */
function hookRelation(session: HookSession): HookRelation | null {
  const { event } = session;
  if (event.kind === 'exec') return event.relation;
  if (!('relationId' in event)) return null;
  return { ...event, remoteUnit: 'remoteUnit' in event ? event.remoteUnit : null };
}

/** In its own `broken` hook a relation is no longer listed, though `-r` reaches it. */
const isBreaking = (session: HookSession, one: RelationState): boolean =>
  session.event.kind === 'relation-broken' && session.event.relationId === one.id;

/** Only what follows the last colon of `-r` counts. */
function chosenRelation(session: HookSession, args: ToolArguments): RelationState {
  const given = option(args, '-r', '--relation') ?? hookRelation(session)?.relationId;
  if (given === undefined) refuse(2, 'no relation id specified');
  const number = given.slice(given.lastIndexOf(':') + 1);
  if (!/^[0-9]+$/.test(number)) refuse(2, `invalid value ${JSON.stringify(given)} for option -r: invalid relation id`);
  const found = session.pending.relations.find((one) => Number(one.id.split(':').at(-1)) === Number(number));
  return found ?? refuse(2, `invalid value ${JSON.stringify(given)} for option -r: relation not found`);
}

function bagOf(session: HookSession, relation: RelationState, given: string | undefined, app: boolean): RelationBag {
  const hook = hookRelation(session);
  const owner = given ?? hook?.remoteUnit ?? hook?.remoteApplication;
  if (owner === undefined || owner === null || owner === '') refuse(2, 'no unit or application specified');
  const asApplication = app || (given === undefined && hook?.remoteUnit === null);
  if (asApplication) return applicationBag(session, relation, isUnitName(owner) ? applicationOf(owner) : owner);
  if (!isUnitName(owner)) refuse(2, `expected unit name, got application name ${JSON.stringify(owner)}`);
  if (owner === session.before.unit) return relation.localUnitBag;
  const bag = relation.remoteUnits[owner] ?? relation.departedUnits[owner];
  return (
    bag ??
    refuse(1, jujuRelease(session.before.jujuVersion).major < 4 ? 'permission denied' : 'relation unit not found')
  );
}

function applicationBag(session: HookSession, relation: RelationState, application: string): RelationBag {
  const own = applicationOf(unitName(session.before.unit));
  if (application === own) {
    // Up to 3.x only the leader reads its own application's bag of a relation that is not a peer one.
    const mayRead =
      session.before.leader || isPeer(session.before, relation) || jujuRelease(session.before.jujuVersion).major >= 4;
    return mayRead ? relation.localApplicationBag : refuse(1, 'permission denied');
  }
  if (application === relation.remoteApplication) return relation.remoteApplicationBag;
  return refuse(1, 'permission denied');
}
