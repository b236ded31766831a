import { charmOf, isBefore4, relationsOf, unitsOf } from './world';
import type { World } from './world';
import type { Application } from './application';
import type { MachineEntity } from './machine';
import { comparePortRanges, formatPortRange } from './port-range';
import { otherSide, relationKey, sideOf } from './relation';
import type { StatusInfo } from './status';
import { statusOf, worstStatus } from './status';
import { storageDetails, type FilesystemDetails, type StorageDetails, type VolumeDetails } from './storage-details';
import { principalsOf, subordinatesOf } from './subordinates';
import type { Unit } from './unit';

/** A status value as the controller answers it. */
export interface DetailedStatus {
  readonly status: string;
  readonly info: string;
  readonly since: string | null;
  readonly version?: string;
  readonly life?: string;
}

export interface MachineStatus {
  readonly 'agent-status': DetailedStatus;
  readonly 'instance-status': DetailedStatus;
  readonly 'modification-status': DetailedStatus;
  readonly hostname: string;
  readonly 'dns-name': string;
  readonly 'ip-addresses': readonly string[] | null;
  readonly 'instance-id': string;
  readonly base: { readonly name: string; readonly channel: string };
  readonly id: string;
  readonly 'network-interfaces': Readonly<
    Record<
      string,
      { 'ip-addresses': readonly string[]; 'mac-address': string; gateway?: string; space?: string; 'is-up': boolean }
    >
  > | null;
  readonly hardware: string;
  readonly constraints?: string;
}

export interface UnitStatus {
  readonly 'agent-status': DetailedStatus;
  readonly 'workload-status': DetailedStatus;
  readonly 'workload-version': string;
  readonly machine: string;
  readonly 'opened-ports': readonly string[] | null;
  readonly 'public-address': string;
  readonly charm: string;
  readonly subordinates: Readonly<Record<string, UnitStatus>> | null;
  readonly leader?: boolean;
}

export interface ApplicationStatus {
  readonly charm: string;
  readonly 'charm-version'?: string;
  readonly 'charm-channel'?: string;
  readonly 'charm-rev'?: number;
  readonly base: { readonly name: string; readonly channel: string };
  readonly exposed: boolean;
  readonly life: string;
  readonly relations: Readonly<Record<string, readonly string[]>>;
  readonly 'subordinate-to': readonly string[] | null;
  readonly units: Readonly<Record<string, UnitStatus>> | null;
  readonly status: DetailedStatus;
  readonly 'workload-version': string;
  readonly 'endpoint-bindings': Readonly<Record<string, string>> | null;
}

export interface RelationStatus {
  readonly id: number;
  readonly key: string;
  readonly interface: string;
  readonly scope: string;
  readonly endpoints: readonly { application: string; name: string; role: string; subordinate: boolean }[];
  readonly status: DetailedStatus;
}

/** The whole status answer of a controller (Juju's params.FullStatus, its JSON names): what `juju status` formats. */
export interface FullStatus {
  readonly model: {
    readonly name: string;
    readonly type: string;
    readonly 'cloud-tag': string;
    readonly region: string;
    readonly version: string;
    readonly 'model-status': DetailedStatus;
  };
  readonly machines: Readonly<Record<string, MachineStatus>>;
  readonly applications: Readonly<Record<string, ApplicationStatus>>;
  readonly relations: readonly RelationStatus[] | null;
  readonly storage: readonly StorageDetails[] | null;
  readonly filesystems: readonly FilesystemDetails[] | null;
  readonly volumes: readonly VolumeDetails[] | null;
  readonly 'controller-timestamp': string | null;
}

const detailed = (info: StatusInfo, extra: { version?: string; life?: string } = {}): DetailedStatus => ({
  status: info.status,
  info: info.message,
  since: info.since,
  ...extra,
});

const base = (text: string): { name: string; channel: string } => {
  const [name = 'ubuntu', channel = '24.04'] = text.split('@');
  return { name, channel: channel.includes('/') ? channel : `${channel}/stable` };
};

/** The status answer for a world. `version` is the agents' Juju version. */
export function fullStatus(world: World, now: string, version: string): FullStatus {
  return {
    model: {
      name: world.modelName,
      type: 'iaas',
      'cloud-tag': 'cloud-emulator',
      region: '',
      version,
      'model-status': detailed(statusOf('available', '', now)),
    },
    machines: Object.fromEntries(Object.values(world.machines).map((machine) => [machine.id, machineStatus(machine)])),
    applications: Object.fromEntries(
      Object.values(world.applications).map((application) => [
        application.name,
        applicationStatus(world, application, now, version),
      ]),
    ),
    relations: Object.values(world.relations)
      .sort((a, b) => a.id - b.id)
      .map((relation) => ({
        id: relation.id,
        key: relationKey(relation),
        interface: relation.endpoints[0]?.interface ?? '',
        scope: relation.endpoints.some((side) => side.scope === 'container') ? 'container' : 'global',
        endpoints: relation.endpoints.map((side) => ({
          application: side.application,
          name: side.endpoint,
          role: side.role,
          subordinate: world.charms[world.applications[side.application]?.charmUrl ?? '']?.spec.subordinate ?? false,
        })),
        // A relation that is being removed keeps its status as long as it is there.
        status: detailed(relation.status),
      })),
    ...storageDetails(world),
    'controller-timestamp': now,
  };
}

function machineStatus(machine: MachineEntity): MachineStatus {
  return {
    'agent-status': detailed(machine.agentStatus, { life: machine.life }),
    'instance-status': detailed(machine.instanceStatus, { life: machine.life }),
    // Only machines whose profile can change have one.
    'modification-status': detailed(statusOf('', '', machine.instanceStatus.since)),
    hostname: machine.hostname,
    'dns-name': machine.address,
    'ip-addresses': machine.address === '' ? null : [machine.address],
    'instance-id': machine.hostname === '' ? 'pending' : machine.hostname,
    base: base(machine.base),
    id: machine.id,
    'network-interfaces':
      machine.address === ''
        ? null
        : {
            [machine.interfaceName]: {
              'ip-addresses': [machine.address],
              'mac-address': machine.macAddress,
              space: 'alpha',
              'is-up': true,
            },
          },
    hardware: '',
  };
}

function applicationStatus(world: World, application: Application, now: string, version: string): ApplicationStatus {
  const charm = charmOf(world, application.name);
  const units = unitsOf(world, application.name);
  const relations: Record<string, string[]> = {};
  for (const relation of relationsOf(world, application.name)) {
    const endpoint = sideOf(relation, application.name)?.endpoint ?? '';
    (relations[endpoint] ??= []).push(otherSide(relation, application.name)?.application ?? '');
  }
  const shown = units.map((unit) => shownWorkload(world, unit));
  return {
    charm: application.charmUrl,
    // Controllers from 4.0 on do not tell it.
    ...(isBefore4(world) ? { 'charm-version': charm.spec.version } : {}),
    'charm-channel': application.channel,
    'charm-rev': charm.revision,
    base: base(application.base),
    exposed: application.exposed,
    life: application.life,
    relations: Object.fromEntries(Object.entries(relations).map(([endpoint, names]) => [endpoint, names.sort()])),
    'subordinate-to': principalsOf(world, application.name),
    // Units of a subordinate are shown beneath their principals.
    units: Object.fromEntries(
      units.filter(({ principal }) => principal === '').map((unit) => [unit.name, unitStatus(world, unit, version)]),
    ),
    status: detailed(application.status ?? worstStatus(shown, now)),
    'workload-version': application.workloadVersion,
    'endpoint-bindings': Object.fromEntries(
      ['', ...Object.keys(charm.spec.endpoints), ...charm.spec.extraBindings].sort().map((name) => [name, 'alpha']),
    ),
  };
}

const isLost = (world: World, unit: Unit): boolean => world.machines[unit.machine]?.agentStatus.status === 'down';

const lostAgent = (world: World, unit: Unit): string =>
  isBefore4(world)
    ? `agent lost, see 'juju show-status-log ${unit.name}'`
    : 'agent lost, see `juju debug-logs` or `juju show-status-log` for more information';

/** What status shows for the workload: a failed hook hides it, and of a lost agent nothing is known. */
export function shownWorkload(world: World, unit: Unit): StatusInfo {
  return unit.agentStatus.status === 'error' ? unit.agentStatus : toldWorkload(world, unit);
}

/** What hook tools tell other units of a workload: what its charm said last, while its agent is there. */
export function toldWorkload(world: World, unit: Unit): StatusInfo {
  if (isLost(world, unit)) return statusOf('unknown', lostAgent(world, unit), unit.workloadStatus.since);
  return unit.workloadStatus;
}

/** What status shows for the agent: a failed hook is the workload's error, the agent is idle. */
export function shownAgent(world: World, unit: Unit): StatusInfo {
  if (isLost(world, unit))
    return statusOf('lost', 'agent is not communicating with the server', unit.agentStatus.since);
  return unit.agentStatus.status === 'error' ? statusOf('idle', '', unit.agentStatus.since) : unit.agentStatus;
}

function unitStatus(world: World, unit: Unit, version: string): UnitStatus {
  const ports = Object.values(unit.openPorts).flat().sort(comparePortRanges).map(formatPortRange);
  return {
    'agent-status': detailed(shownAgent(world, unit), { version, life: unit.life }),
    'workload-status': detailed(shownWorkload(world, unit)),
    'workload-version': unit.workloadVersion,
    machine: unit.principal === '' ? unit.machine : '',
    'opened-ports': [...new Set(ports)],
    'public-address': world.machines[unit.machine]?.address ?? '',
    charm: '',
    subordinates: Object.fromEntries(
      subordinatesOf(world, unit.name).map((each) => [each.name, unitStatus(world, each, version)]),
    ),
    ...(world.applications[unit.application]?.leader === unit.name ? { leader: true } : {}),
  };
}
