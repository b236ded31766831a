import { uuidFrom } from '../format/uuid';
import type { Application } from './application';
import type { CharmSpec } from './charm';
import type { Constraints } from './constraints';
import type { MachineEntity } from './machine';
import type { LeaderSettings } from './leader-settings';
import { ModelError } from './model-error';
import type { Relation } from './relation';
import { sideOf } from './relation';
import type { AttachedResource } from './resource';
import type { Secret, SecretRemoval } from './secret';
import type { StorageInstance } from './storage';
import { defaultStoragePools, type StoragePool } from './storage-pool';
import type { Operation, Task } from './task';
import type { Unit } from './unit';

/** A charm that was uploaded; `path` is where the controller keeps the archive or directory. */
export interface UploadedCharm {
  readonly url: string;
  readonly revision: number;
  readonly path: string;
  readonly spec: CharmSpec;
}

/** Model configuration that the emulator heeds. */
export interface ModelConfig {
  'automatically-retry-hooks': boolean;
  /** Seconds between update-status hooks; 0 = only when told to. */
  'update-status-hook-interval': number;
  /** Attributes that are kept and shown, nothing more. */
  others?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Everything a controller knows of one model. Plain data (JSON); changed only by the functions of this folder, each of
 * which either does the whole change or throws before changing anything that stays (the store applies it to a copy).
 */
export interface World {
  readonly modelName: string;
  readonly modelUuid: string;
  readonly controllerName: string;
  readonly seed: number;
  /** JUJU_VERSION. */
  readonly agentVersion: string;
  config: ModelConfig;
  /** Machine constraints of the model, when some were set. */
  constraints?: Constraints;
  charms: Record<string, UploadedCharm>;
  applications: Record<string, Application>;
  units: Record<string, Unit>;
  machines: Record<string, MachineEntity>;
  relations: Record<string, Relation>;
  operations: Record<string, Operation>;
  tasks: Record<string, Task>;
  /** What units have fetched of their applications' resources, by unit and resource. */
  unitResources: Record<string, Record<string, AttachedResource>>;
  storage: Record<string, StorageInstance>;
  /** Charm URLs for which units were given what their storage is to be like; see `addStorage`. */
  storageCharms: Record<string, string>;
  storagePools: Record<string, StoragePool>;
  nextMachine: number;
  nextRelation: number;
  /** One counter for the storage of all names; filesystems and volumes have their own. */
  nextStorage: number;
  nextFilesystem: number;
  nextVolume: number;
  /** Operations and tasks share one counter that starts at 0. */
  nextTask: number;
  /** Next unit numbers of applications that were removed: a number is never used again. */
  unitNumbers: Record<string, number>;
  charmRevisions: Record<string, number>;
  /** By id. */
  secrets: Record<string, Secret>;
  /** Removals asked for and not carried out yet. */
  secretRemovals: SecretRemoval[];
  /** URIs of secrets that are gone. */
  removedSecrets: string[];
  nextSecret: number;
  /** By application; Juju before 4. */
  leaderSettings: Record<string, LeaderSettings>;
}

/** An empty model. */
export function emptyWorld(options: {
  modelName: string;
  modelUuid: string;
  controllerName?: string;
  seed: number;
  /** Default: 4.1-beta2. */
  agentVersion?: string;
}): World {
  return {
    modelName: options.modelName,
    modelUuid: options.modelUuid,
    controllerName: options.controllerName ?? 'emulator',
    seed: options.seed,
    agentVersion: options.agentVersion ?? '4.1-beta2',
    config: { 'automatically-retry-hooks': true, 'update-status-hook-interval': 300 },
    charms: {},
    applications: {},
    units: {},
    machines: {},
    relations: {},
    operations: {},
    tasks: {},
    unitResources: {},
    storage: {},
    storageCharms: {},
    storagePools: defaultStoragePools(),
    nextMachine: 0,
    nextRelation: 0,
    nextStorage: 0,
    nextFilesystem: 0,
    nextVolume: 0,
    nextTask: 0,
    unitNumbers: {},
    charmRevisions: {},
    secrets: {},
    secretRemovals: [],
    removedSecrets: [],
    nextSecret: 0,
    leaderSettings: {},
  };
}

/** The application, or Juju's words for its absence. */
export function applicationOf(world: World, name: string): Application {
  const application = world.applications[name];
  if (application === undefined)
    throw new ModelError('not-found', 'find application', `application "${name}" not found`);
  return application;
}

/** The unit, or Juju's words for its absence. */
export function unitOf(world: World, name: string): Unit {
  const unit = world.units[name];
  if (unit === undefined) throw new ModelError('not-found', 'find unit', `unit "${name}" not found`);
  return unit;
}

/** The application's UUID, as some of the controller's error texts name it. */
export const applicationUuid = (world: World, name: string): string => uuidFrom(`${world.modelUuid} ${name}`);

/** The unit's UUID: some of the controller's error texts name units by it. */
export const unitUuid = (world: World, name: string): string => uuidFrom(`${world.modelUuid} ${name}`);

/** The uploaded charm of an application. */
export function charmOf(world: World, application: string): UploadedCharm {
  const url = applicationOf(world, application).charmUrl;
  const charm = world.charms[url];
  if (charm === undefined) throw new ModelError('not-found', 'find charm', `charm "${url}" not found`);
  return charm;
}

const unitNumber = (name: string): number => Number(name.slice(name.lastIndexOf('/') + 1));

/** Units of an application by number. */
export function unitsOf(world: World, application: string): Unit[] {
  return Object.values(world.units)
    .filter((unit) => unit.application === application)
    .sort((a, b) => unitNumber(a.name) - unitNumber(b.name));
}

/** Relations that an application takes part in, by id. */
export function relationsOf(world: World, application: string): Relation[] {
  return Object.values(world.relations)
    .filter((relation) => sideOf(relation, application) !== undefined)
    .sort((a, b) => a.id - b.id);
}

/** Whether the model's controller is older than 4.0: it answers some questions more fully. */
export const isBefore4 = (world: Pick<World, 'agentVersion'>): boolean => /^[23]\./.test(world.agentVersion);
