import { applicationOf, endpointOf, relationId, unitName, type RelationId, type UnitName } from '../names';
import type { ConfigValues } from '../tools/config';
import type { GoalState } from '../tools/goal-state';
import type { NetworkInfo } from '../tools/network';
import type { OpenedPort } from '../tools/port';
import type { RelationBag } from '../tools/relation';
import type { WorkloadStatus } from '../tools/status';
import type { StorageInstance } from '../tools/storage';

/** A relation as this unit sees it. */
export interface RelationState {
  readonly id: RelationId;
  /** In a peer relation the own application. */
  readonly remoteApplication: string;
  readonly localUnitBag: RelationBag;
  /** The own application's bag; in a peer relation the only application bag there is. */
  readonly localApplicationBag: RelationBag;
  /** Empty in a peer relation. */
  readonly remoteApplicationBag: RelationBag;
  /** The units that have joined and not departed, without this unit, and their bags. */
  readonly remoteUnits: Readonly<Record<string, RelationBag>>;
  /** Units that departed; Juju keeps their bags as long as the relation exists. */
  readonly departedUnits: Readonly<Record<string, RelationBag>>;
}

export interface SecretState {
  /** The bare id. */
  readonly id: string;
  /** Whether this unit or application owns it, or another application does and granted it. */
  readonly owner: 'unit' | 'application' | 'remote';
  readonly label: string | null;
  readonly description: string | null;
  readonly rotate: string;
  readonly expire: string | null;
  /** Contents of the revisions, the first one first. */
  readonly revisions: readonly Readonly<Record<string, string>>[];
  /** The revision this unit tracks, from 1. */
  readonly tracked: number;
  /** Whom it is granted to: relation ids, or unit names. */
  readonly grants: readonly string[];
}

/** All that a hook can ask Juju about: immutable; a hook makes a new one. */
export interface State {
  readonly unit: UnitName;
  readonly model: { readonly name: string; readonly uuid: string };
  readonly machineId: string;
  readonly jujuVersion: string;
  readonly leader: boolean;
  /** Options that were set; the others have the defaults of config.yaml. */
  readonly config: ConfigValues;
  readonly relations: readonly RelationState[];
  /** Attached storage by id, e.g. `data/0`. */
  readonly storage: Readonly<Record<string, StorageInstance>>;
  /** Paths of attached resources; null: declared, yet its download fails. */
  readonly resources: Readonly<Record<string, string | null>>;
  readonly secrets: readonly SecretState[];
  readonly status: { readonly status: WorkloadStatus; readonly message: string };
  readonly applicationStatus: { readonly status: WorkloadStatus; readonly message: string };
  readonly applicationVersion: string | null;
  /** `state-get`. */
  readonly charmState: Readonly<Record<string, string>>;
  /** `leader-get`, Juju 2.9 and 3.x. */
  readonly leaderSettings: Readonly<Record<string, string>>;
  readonly openedPorts: readonly OpenedPort[];
  /** Null: derived from the relations, every unit active. */
  readonly goalState: GoalState | null;
  /** By binding; others have {@link addresses}. */
  readonly network: Readonly<Record<string, NetworkInfo>>;
  readonly addresses: { readonly private: string; readonly public: string };
  /** Asked for with `storage-add`, by name. */
  readonly requestedStorage: Readonly<Record<string, number>>;
  readonly rebootRequested: boolean;
}

const unused: Omit<State, 'unit'> = {
  model: { name: 'testing', uuid: '0b5f1d3e-5f3a-4a53-8a3c-9c1f7d1e2a40' },
  machineId: '0',
  jujuVersion: '3.6.8',
  leader: false,
  config: {},
  relations: [],
  storage: {},
  resources: {},
  secrets: [],
  status: { status: 'maintenance', message: 'installing charm software' },
  applicationStatus: { status: 'unknown', message: '' },
  applicationVersion: null,
  charmState: {},
  leaderSettings: {},
  openedPorts: [],
  goalState: null,
  network: {},
  addresses: { private: '10.0.0.5', public: '10.0.0.5' },
  requestedStorage: {},
  rebootRequested: false,
};

/** A whole state from the parts that a test cares about: a unit alone, not leader, of Juju 3.6, that has done nothing yet. */
export const state = (given: Partial<Omit<State, 'unit'>> & { readonly unit: string }): State =>
  Object.freeze({ ...unused, ...given, unit: unitName(given.unit) });

/** A relation to another application. The application's name may be left out where a unit tells it. */
export function relation(id: string, given: Partial<Omit<RelationState, 'id'>> = {}): RelationState {
  const [someUnit] = [...Object.keys(given.remoteUnits ?? {}), ...Object.keys(given.departedUnits ?? {})];
  const remoteApplication =
    given.remoteApplication ?? (someUnit === undefined ? 'remote' : applicationOf(unitName(someUnit)));
  return Object.freeze({
    localUnitBag: {},
    localApplicationBag: {},
    remoteApplicationBag: {},
    remoteUnits: {},
    departedUnits: {},
    ...given,
    id: relationId(id),
    remoteApplication,
  });
}

/** A peer relation of the application. */
export const peerRelation = (
  id: string,
  application: string,
  given: Partial<Omit<RelationState, 'id' | 'remoteApplication' | 'remoteApplicationBag'>> = {},
): RelationState => relation(id, { ...given, remoteApplication: application });

/** The relation of that id. @throws RangeError where there is none. */
export function relationOf(from: State, id: string): RelationState {
  const found = from.relations.find((one) => one.id === id);
  if (found === undefined) throw new RangeError(`no relation ${id} in the state`);
  return found;
}

/** The state with one relation replaced. */
export const withRelation = (from: State, changed: RelationState): State => ({
  ...from,
  relations: from.relations.map((one) => (one.id === changed.id ? changed : one)),
});

export const isPeer = (from: State, one: RelationState): boolean => one.remoteApplication === applicationOf(from.unit);

export const relationsOf = (from: State, endpoint: string): readonly RelationState[] =>
  from.relations.filter((one) => endpointOf(one.id) === endpoint);
