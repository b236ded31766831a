import type { BackupSettings } from '../backup-schedule';
import type { StandbySettings } from '../standby';
import type { HeldBack, GateSettings } from '../start-gate';
import { emptyMemory } from '../memory';
import type { StagedSnapshot } from '../recreation';
import { unitName, type Generation, type MemberId, type UnitName } from '../ids';
import type { DataMarker, Member, Memory, PeerApplicationBag, PeerUnitBag, TurnHolder } from '../observed';

/**
 * A model of everything that the planners see and change: units with their disks, bags with commits, and etcd's membership. It knows
 * what is *true*; `observe` tells one unit what it would see. Mutable on purpose: a run has thousands of steps.
 */
export interface World {
  now: number;
  readonly units: Map<UnitName, SimulatedUnit>;
  leader: UnitName | null;
  application: PeerApplicationBag;
  readonly clusters: Map<string, SimulatedCluster>;
  config: Record<string, string | number | boolean | null>;
  /** Counts what happened from outside (a machine fell over, came back): nothing planned before it can be blamed after it. */
  faults: number;
  nextId: number;
}

export interface SimulatedUnit {
  readonly name: UnitName;
  readonly address: string;
  dying: boolean;
  /** Whether the others see it in the peer relation: a unit that goes leaves it before its `stop`. */
  inScope: boolean;
  machineUp: boolean;
  bag: PeerUnitBag;
  memory: Memory;
  request: { commonName: string; sans: readonly string[] } | null;
  answered: boolean;
  openedPorts: readonly string[];
  published: string | null;
  readonly disk: SimulatedDisk;
  process: SimulatedProcess | null;
  /** Its etcd runs and answers nobody, peers neither: a disk that stalls. */
  frozen: boolean;
  /** It reaches Juju and no other machine. */
  cutOff: boolean;
  enabled: boolean;
  /** What the responder of the start gate listens as; it is up whenever its machine is. */
  responder: string | null;
  heldBack: HeldBack | null;
  timer: number | null;
}

export interface SimulatedProcess {
  ready: boolean;
  readonly configText: string;
  /** Nobody could tell it that its cluster was given up: its machine stood still meanwhile, or reached nobody when it started. */
  unaware: boolean;
}

/** Data that were moved aside, with their marker as it was. */
export interface SimulatedAside {
  readonly marker: DataMarker | null;
  readonly id: MemberId;
}

export interface SimulatedDisk {
  installed: boolean;
  serviceUnit: boolean;
  gateInstalled: boolean;
  gateSettings: GateSettings | null;
  backupSettings: BackupSettings | null;
  standby: StandbySettings | null;
  tls: boolean;
  configText: string | null;
  marker: DataMarker | null;
  data: {
    readonly cluster: string;
    readonly generation: Generation;
    readonly id: MemberId;
    /** Its raft log holds what a leader wrote. */
    readonly hadLeader: boolean;
  } | null;
  /** All data that were moved aside, in order. */
  aside: readonly SimulatedAside[];
  /** The verified database that a recreation is to begin with. */
  staged: Omit<StagedSnapshot, 'complete'> | null;
  /** Token of the cluster whose data directory was made and is not in place yet. */
  restored: string | null;
}

export interface SimulatedCluster {
  readonly token: string;
  readonly generation: Generation;
  members: Member[];
  everElected: boolean;
  turn: TurnHolder | null;
  revision: number;
}

export const emptyBag: PeerUnitBag = {
  peerUrl: null,
  clientUrl: null,
  version: null,
  generation: null,
  memberId: null,
  voter: false,
  standby: false,
  neverElected: null,
  finished: 0,
  settings: null,
  clientAddress: null,
  recreation: null,
  begun: null,
  remains: null,
};

export const emptyApplication: PeerApplicationBag = {
  founding: null,
  members: new Map(),
  addresses: new Map(),
  recreation: null,
};

export function newWorld(): World {
  return {
    now: 1_800_000_000_000,
    units: new Map(),
    leader: null,
    application: emptyApplication,
    clusters: new Map(),
    config: {},
    faults: 0,
    nextId: 1,
  };
}

export function newUnit(world: World, number: number): SimulatedUnit {
  const unit: SimulatedUnit = {
    name: unitName(`etcd/${number}`),
    address: `10.0.0.${number + 1}`,
    dying: false,
    inScope: true,
    machineUp: true,
    bag: emptyBag,
    memory: emptyMemory,
    request: null,
    answered: false,
    openedPorts: [],
    published: null,
    disk: {
      installed: false,
      serviceUnit: false,
      gateInstalled: false,
      gateSettings: null,
      backupSettings: null,
      standby: null,
      tls: false,
      configText: null,
      marker: null,
      data: null,
      aside: [],
      staged: null,
      restored: null,
    },
    process: null,
    frozen: false,
    cutOff: false,
    enabled: false,
    responder: null,
    heldBack: null,
    timer: null,
  };
  world.units.set(unit.name, unit);
  return unit;
}
