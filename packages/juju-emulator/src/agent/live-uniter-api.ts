import type { WorldStore } from '../store/world-store';
import type { Commit, PortRange as ModelPortRange, World } from '../model';
import {
  ModelError,
  applicationOf,
  charmOf,
  commitHook,
  effectiveConfig,
  finishTask,
  goalState,
  isLeader,
  otherSide,
  relationKey,
  relationsOf,
  sideOf,
  statusOf,
  taskOf,
  unitOf,
  worstStatus,
} from '../model';
import { UniterApiError } from '../tools/api-error';
import type { PortRange } from '../tools/port-range';
import type {
  ActionOutcome,
  ApplicationStatusInfo,
  CloudSpec,
  ConfigValue,
  ContextFacts,
  GoalState,
  HookChanges,
  NetworkInfo,
  SecretContent,
  SecretMetadata,
  Settings,
  StatusInfo,
  StorageAttachment,
  UniterApi,
} from '../tools/uniter-api';

/** What the API needs beside the world: time, and effects on the unit's machine. */
export interface LiveApiPorts {
  readonly now: () => string;
  readonly agentVersion: string;
  readonly apiAddresses: readonly string[];
  /** Members that the unit's agent knows of a relation (joined committed). */
  readonly members: (relationId: number) => readonly string[];
  /** Whether the unit has entered the relation's scope and not left it. */
  readonly inScope: (relationId: number) => boolean;
  readonly onStatusSet: () => void;
  /** Puts the resource's file on the machine and returns its path there. */
  readonly downloadResource: (name: string) => Promise<string>;
  readonly requestReboot: () => Promise<void>;
  /** Called before a commit; throws to refuse it (fault injection). */
  readonly beforeCommit: (changes: HookChanges) => void;
}

const toToolRange = (range: ModelPortRange): PortRange => ({
  protocol: range.protocol as PortRange['protocol'],
  from: range.protocol === 'icmp' ? -1 : range.fromPort,
  to: range.protocol === 'icmp' ? -1 : range.toPort,
});
const toModelRange = (range: PortRange): ModelPortRange => ({
  protocol: range.protocol,
  fromPort: range.protocol === 'icmp' ? 0 : range.from,
  toPort: range.protocol === 'icmp' ? 0 : range.to,
});

const codes = {
  'not-found': 'not-found',
  'already-exists': 'invalid',
  'not-valid': 'invalid',
  'not-leader': 'not-leader',
  quota: 'invalid',
  refused: 'forbidden',
} as const;

/** The controller's side of a hook context, on the live model, for one unit. */
export class LiveUniterApi implements UniterApi {
  constructor(
    private readonly store: WorldStore,
    private readonly unit: string,
    private readonly ports: LiveApiPorts,
  ) {}

  get #world(): World {
    return this.store.world;
  }

  get #application(): string {
    return unitOf(this.#world, this.unit).application;
  }

  contextFacts(): Promise<ContextFacts> {
    return this.#read('ContextFacts', (world) => {
      const unit = unitOf(world, this.unit);
      const machinePorts: Record<string, Record<string, readonly PortRange[]>> = {};
      for (const other of Object.values(world.units))
        if (other.machine === unit.machine)
          machinePorts[other.name] = Object.fromEntries(
            Object.entries(other.openPorts).map(([endpoint, ranges]) => [endpoint, ranges.map(toToolRange)]),
          );
      return {
        unit: this.unit,
        modelName: world.modelName,
        modelUuid: world.modelUuid,
        machineId: unit.machine,
        principalUnit: '',
        availabilityZone: '',
        apiAddresses: this.ports.apiAddresses,
        agentVersion: this.ports.agentVersion,
        cloudApiVersion: '',
        charmProxy: { http: '', https: '', ftp: '', noProxy: '127.0.0.1,localhost,::1' },
        legacyProxy: { http: '', https: '', ftp: '', noProxy: '' },
        relations: relationsOf(world, unit.application)
          .filter((relation) => this.ports.inScope(relation.id))
          .map((relation) => ({
            id: relation.id,
            endpoint: sideOf(relation, unit.application)?.endpoint ?? '',
            key: relationKey(relation),
            life: relation.life,
            suspended: relation.suspended,
            otherApplication: otherSide(relation, unit.application)?.application ?? '',
            otherModelUuid: world.modelUuid,
            members: this.ports.members(relation.id),
          })),
        machinePorts,
      };
    });
  }

  isLeader(): Promise<boolean> {
    return Promise.resolve(isLeader(this.#world, this.unit));
  }

  readSettings(relationId: number): Promise<Settings> {
    return this.#read('ReadSettings', (world) => {
      const bag = world.relations[String(relationId)]?.unitBags[this.unit];
      if (bag === undefined) throw new UniterApiError('not-found', 'ReadSettings', 'relation unit not found');
      return bag;
    });
  }

  readRemoteSettings(relationId: number, name: string): Promise<Settings> {
    return this.#read('ReadRemoteSettings', (world) => {
      const relation = world.relations[String(relationId)];
      if (relation === undefined) throw new UniterApiError('not-found', 'ReadRemoteSettings', 'relation not found');
      if (name.includes('/')) {
        const bag = relation.unitBags[name];
        if (bag === undefined) throw new UniterApiError('not-found', 'ReadRemoteSettings', 'relation unit not found');
        return bag;
      }
      if (world.applications[name] === undefined)
        throw new UniterApiError('not-found', 'ReadRemoteSettings', `getting application "${name}" not found`);
      if (sideOf(relation, name) === undefined)
        throw new UniterApiError(
          'not-found',
          'ReadRemoteSettings',
          'getting relation endpoint UUID: application not found in relation',
        );
      return relation.appBags[name] ?? {};
    });
  }

  readLocalApplicationSettings(relationId: number): Promise<Settings> {
    return this.#read(
      'ReadLocalApplicationSettings',
      (world) => world.relations[String(relationId)]?.appBags[this.#application] ?? {},
    );
  }

  configSettings(): Promise<Readonly<Record<string, ConfigValue>>> {
    return this.#read('ConfigSettings', (world) =>
      effectiveConfig(charmOf(world, this.#application).spec, applicationOf(world, this.#application)),
    );
  }

  unitStatus(): Promise<StatusInfo> {
    return this.#read('UnitStatus', (world) => unitOf(world, this.unit).workloadStatus);
  }

  applicationStatus(): Promise<ApplicationStatusInfo> {
    return this.#read('ApplicationStatus', (world) => {
      const units = Object.values(world.units).filter((unit) => unit.application === this.#application);
      const statuses = units.map((unit) => unit.workloadStatus);
      return {
        application: applicationOf(world, this.#application).status ?? worstStatus(statuses, this.ports.now()),
        units: Object.fromEntries(units.map((unit) => [unit.name, unit.workloadStatus])),
      };
    });
  }

  charmState(): Promise<Readonly<Record<string, string>>> {
    return this.#read('State', (world) => unitOf(world, this.unit).charmState);
  }

  networkInfo(binding: string, _relationId: number | undefined): Promise<NetworkInfo | undefined> {
    return this.#read('NetworkInfo', (world) => {
      const spec = charmOf(world, this.#application).spec;
      if (binding !== '' && spec.endpoints[binding] === undefined && !spec.extraBindings.includes(binding))
        return undefined;
      const machine = world.machines[unitOf(world, this.unit).machine];
      if (machine === undefined) return undefined;
      return {
        bindAddresses: [
          {
            macAddress: machine.macAddress,
            interfaceName: machine.interfaceName,
            addresses: [{ hostname: '', value: machine.address, cidr: machine.cidr }],
          },
        ],
        egressSubnets: [`${machine.address}/32`],
        ingressAddresses: [machine.address],
      };
    });
  }

  publicAddress(): Promise<string> {
    return this.#read('PublicAddress', (world) => world.machines[unitOf(world, this.unit).machine]?.address ?? '');
  }

  goalState(): Promise<GoalState> {
    return this.#read('GoalStates', (world) => goalState(world, this.#application));
  }

  cloudSpec(): Promise<CloudSpec> {
    return Promise.reject(new UniterApiError('forbidden', 'CloudSpec', 'permission denied'));
  }

  unitStorageAttachments(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  storageAttachment(storageId: string): Promise<StorageAttachment> {
    return Promise.reject(new UniterApiError('not-found', 'StorageAttachments', `storage "${storageId}" not found`));
  }

  async downloadResource(name: string): Promise<string> {
    const resource = applicationOf(this.#world, this.#application).resources[name];
    if (charmOf(this.#world, this.#application).spec.resources[name] === undefined)
      throw new UniterApiError('not-found', 'GetResource', `resource#${this.#application}/${name} not found`);
    if (resource === undefined) throw new UniterApiError('not-found', 'GetResource', `resource "${name}" not found`);
    return this.ports.downloadResource(name);
  }

  secretMetadata(): Promise<readonly SecretMetadata[]> {
    return Promise.resolve([]);
  }

  setUnitStatus(status: string, message: string): Promise<void> {
    this.ports.onStatusSet();
    return this.#write('SetUnitStatus', (world) => {
      unitOf(world, this.unit).workloadStatus = statusOf(status, message, this.ports.now());
    });
  }

  setApplicationStatus(status: string, message: string): Promise<void> {
    return this.#write('SetApplicationStatus', (world) => {
      if (!isLeader(world, this.unit))
        throw new ModelError('not-leader', 'set application status', 'this unit is not the leader');
      applicationOf(world, this.#application).status = statusOf(status, message, this.ports.now());
    });
  }

  setWorkloadVersion(version: string): Promise<void> {
    return this.#write('SetWorkloadVersion', (world) => {
      unitOf(world, this.unit).workloadVersion = version;
      applicationOf(world, this.#application).workloadVersion = version;
    });
  }

  logActionMessage(actionId: string, message: string): Promise<void> {
    return this.#write('LogActionsMessages', (world) => {
      taskOf(world, actionId).log.push({ timestamp: this.ports.now(), message });
    });
  }

  secretContent(): Promise<SecretContent> {
    return Promise.reject(new UniterApiError('not-found', 'GetSecretContentInfo', 'secret not found'));
  }

  createSecretUris(): Promise<readonly string[]> {
    return Promise.reject(
      new UniterApiError('invalid', 'CreateSecretURIs', 'secrets are not supported by this emulator yet'),
    );
  }

  requestReboot(): Promise<void> {
    return this.ports.requestReboot();
  }

  finishAction(actionId: string, outcome: ActionOutcome): Promise<void> {
    return this.#write('FinishActions', (world) => finishTask(world, actionId, outcome, this.ports.now()));
  }

  commitHookChanges(changes: HookChanges): Promise<void> {
    try {
      this.ports.beforeCommit(changes);
    } catch (error) {
      return Promise.reject(apiError('CommitHookChanges', error));
    }
    return this.#write('CommitHookChanges', (world) => {
      refuseUnsupported(changes);
      const commit: Commit = {
        updateNetworkInfo: changes.updateNetworkInfo,
        relations: changes.relations.map((change) => ({
          relationId: change.relationId,
          ...(change.unitSettings === undefined ? {} : { unitBag: change.unitSettings }),
          ...(change.applicationSettings === undefined ? {} : { applicationBag: change.applicationSettings }),
        })),
        ...(changes.charmState === undefined ? {} : { charmState: changes.charmState }),
        openPorts: changes.openPorts.map(({ endpoint, range }) => ({ endpoint, range: toModelRange(range) })),
        closePorts: changes.closePorts.map(({ endpoint, range }) => ({ endpoint, range: toModelRange(range) })),
      };
      commitHook(world, this.unit, commit);
    });
  }

  #read<T>(operation: string, look: (world: World) => T): Promise<T> {
    try {
      return Promise.resolve(look(this.#world));
    } catch (error) {
      return Promise.reject(apiError(operation, error));
    }
  }

  #write(operation: string, mutate: (world: World) => void): Promise<void> {
    try {
      this.store.change(mutate);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(apiError(operation, error));
    }
  }
}

function refuseUnsupported(changes: HookChanges): void {
  const [storage] = changes.addStorage;
  if (storage !== undefined)
    throw new UniterApiError(
      'invalid',
      'CommitHookChanges',
      `preparing storage add "${storage.name}": storage name not supported`,
    );
}

function apiError(operation: string, error: unknown): Error {
  if (error instanceof UniterApiError) return error;
  if (error instanceof ModelError)
    return new UniterApiError(codes[error.code], operation, error.message, { cause: error });
  return error as Error;
}
