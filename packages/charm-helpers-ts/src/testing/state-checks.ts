import { hasType } from '../config';
import { applicationOf, endpointOf, unitName } from '../names';
import type { CharmUnderTest } from './charm-files';
import type { Inconsistency } from './consistency';
import type { RelationState, State } from './state';

type Check = (charm: CharmUnderTest, state: State) => readonly string[];
type RelationCheck = (one: RelationState, charm: CharmUnderTest, state: State) => readonly string[];

const eachRelation =
  (check: RelationCheck): Check =>
  (charm, state) =>
    state.relations.flatMap((one) => check(one, charm, state));

const roleOf = (charm: CharmUnderTest, one: RelationState): string | undefined =>
  charm.metadata.endpoints[endpointOf(one.id)]?.role;

const bagsOf = (one: RelationState): readonly (readonly [string, Readonly<Record<string, string>>])[] => [
  ['own unit bag', one.localUnitBag],
  ['own application bag', one.localApplicationBag],
  ['remote application bag', one.remoteApplicationBag],
  ...Object.entries(one.remoteUnits),
  ...Object.entries(one.departedUnits),
];

const memberNames = (one: RelationState): readonly string[] => [
  ...Object.keys(one.remoteUnits),
  ...Object.keys(one.departedUnits),
];

/** Each says when a state is one that Juju never makes. */
const checks: Readonly<Record<string, Check>> = {
  'endpoint-not-declared': eachRelation((one, charm) =>
    roleOf(charm, one) === undefined ? [`metadata.yaml has no endpoint for relation ${one.id}`] : [],
  ),
  'relation-id-twice': (_charm, state) => {
    const numbers = state.relations.map((one) => one.id.split(':').at(-1));
    return state.relations.flatMap((one, index) =>
      numbers.indexOf(numbers[index]) === index ? [] : [`the number of relation ${one.id} is another relation's too`],
    );
  },
  'endpoint-limit': (charm, state) =>
    Object.values(charm.metadata.endpoints).flatMap(({ name, limit, role }) => {
      const count = state.relations.filter((one) => endpointOf(one.id) === name).length;
      const allowed = role === 'peers' ? 1 : limit;
      return allowed !== null && count > allowed ? [`endpoint ${name} takes ${allowed} relations, not ${count}`] : [];
    }),
  'peer-with-other-application': eachRelation((one, charm, state) =>
    roleOf(charm, one) === 'peers' && one.remoteApplication !== applicationOf(state.unit)
      ? [`peer relation ${one.id} is with ${one.remoteApplication}`]
      : [],
  ),
  'own-unit-among-members': eachRelation((one, _charm, state) =>
    memberNames(one).includes(state.unit) ? [`${state.unit} is a remote unit of its own relation ${one.id}`] : [],
  ),
  'remote-unit-of-other-application': eachRelation((one) =>
    memberNames(one)
      .filter((unit) => applicationOf(unitName(unit)) !== one.remoteApplication)
      .map((unit) => `${unit} is in relation ${one.id} with ${one.remoteApplication}`),
  ),
  'departed-and-member': eachRelation((one) =>
    Object.keys(one.departedUnits)
      .filter((unit) => unit in one.remoteUnits)
      .map((unit) => `${unit} has departed from ${one.id} and is still a member`),
  ),
  'peer-remote-application-bag': eachRelation((one, charm) =>
    roleOf(charm, one) === 'peers' && Object.keys(one.remoteApplicationBag).length > 0
      ? [`peer relation ${one.id} has one application bag: the local one`]
      : [],
  ),
  'container-scope-members': eachRelation((one, charm) =>
    charm.metadata.endpoints[endpointOf(one.id)]?.scope === 'container' && Object.keys(one.remoteUnits).length > 1
      ? [`relation ${one.id} has container scope and more than one remote unit`]
      : [],
  ),
  'empty-bag-value': eachRelation((one) =>
    bagsOf(one).flatMap(([owner, bag]) =>
      Object.entries(bag)
        .filter(([, value]) => value === '' || typeof value !== 'string')
        .map(([key]) => `${one.id}, ${owner}: ${key} is no filled string; Juju has none other`),
    ),
  ),
  'unknown-config-option': (charm, state) =>
    Object.keys(state.config)
      .filter((name) => charm.config[name] === undefined)
      .map((name) => `config.yaml has no option ${name}`),
  'config-option-type': (charm, state) =>
    Object.entries(state.config).flatMap(([name, value]) => {
      const type = charm.config[name]?.type;
      return type === undefined || value === null || hasType(type, value) ? [] : [`option ${name} is no ${type}`];
    }),
  'storage-not-declared': (charm, state) =>
    Object.keys(state.storage)
      .filter((id) => charm.metadata.storage[id.split('/')[0] ?? ''] === undefined)
      .map((id) => `metadata.yaml has no storage for ${id}`),
  'storage-kind': (charm, state) =>
    Object.entries(state.storage).flatMap(([id, { kind }]) => {
      const declared = charm.metadata.storage[id.split('/')[0] ?? '']?.type;
      return declared === undefined || declared === kind ? [] : [`storage ${id} is declared as ${declared}`];
    }),
  'resource-not-declared': (charm, state) =>
    Object.keys(state.resources)
      .filter((name) => charm.metadata.resources[name] === undefined)
      .map((name) => `metadata.yaml has no resource ${name}`),
  'network-binding-not-declared': (charm, state) =>
    Object.keys(state.network)
      .filter((name) => charm.metadata.endpoints[name] === undefined && !charm.metadata.extraBindings.includes(name))
      .map((name) => `metadata.yaml has no endpoint or extra binding ${name}`),
  'port-endpoint-not-declared': (charm, state) =>
    state.openedPorts
      .flatMap(({ endpoints }) => (endpoints === 'all' ? [] : endpoints))
      .filter((name) => charm.metadata.endpoints[name] === undefined)
      .map((name) => `a port is open for the unknown endpoint ${name}`),
  'goal-state-without-own-unit': (charm, state) =>
    state.goalState === null || charm.metadata.subordinate || state.unit in state.goalState.units
      ? []
      : [`goal-state has no ${state.unit}`],
  'secret-tracks-missing-revision': (_charm, state) =>
    state.secrets
      .filter((one) => one.tracked < 1 || one.tracked > one.revisions.length)
      .map((one) => `secret ${one.id} tracks revision ${one.tracked} of ${one.revisions.length}`),
};

export const checkState = (charm: CharmUnderTest, state: State): readonly Inconsistency[] =>
  Object.entries(checks).flatMap(([check, run]) => run(charm, state).map((message) => ({ check, message })));
