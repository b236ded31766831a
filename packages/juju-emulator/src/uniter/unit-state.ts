import type { HookInfo } from './hook-info';

/** What the unit is in the middle of; `continue` = nothing. */
export type OpKind = 'install' | 'run-hook' | 'run-action' | 'upgrade' | 'continue';

/** queued: not begun; pending: begun (in a hook that does not run: it failed); done: ran, not committed. */
export type OpStep = 'queued' | 'pending' | 'done';

/** What the unit has taken in of one relation. There from the commit of relation-created to that of relation-broken. */
export interface LocalRelation {
  readonly id: number;
  readonly endpoint: string;
  /** Units whose joined was committed, with the bag version last taken in. */
  readonly members: Readonly<Record<string, number>>;
  readonly applicationMembers: Readonly<Record<string, number>>;
  /** Unit whose joined was committed and whose changed comes next. */
  readonly changedPending?: string;
}

/** The unit's own state, kept on disk: it must be written after every function of this package that returns one. JSON. */
export interface UnitState {
  readonly kind: OpKind;
  readonly step: OpStep;
  /** run-hook: the hook. run-action and upgrade: the hook in error or queued that they interrupted. */
  readonly hook?: HookInfo;
  /** upgrade: the step of the interrupted hook. */
  readonly hookStep?: OpStep;
  readonly actionId?: string;
  /** Charm on disk, or being put there. Empty before the first install. */
  readonly charmUrl: string;
  readonly installed: boolean;
  readonly started: boolean;
  readonly stopped: boolean;
  readonly removed: boolean;
  /** Leadership was taken in (leader-elected queued). */
  readonly leader: boolean;
  /** The charm has called status-set at least once. */
  readonly statusSet: boolean;
  readonly configHash: string;
  readonly trustHash: string;
  readonly addressesHash: string;
  /** By relation id. */
  readonly relations: Readonly<Record<string, LocalRelation>>;
  /** Scopes entered and not left, by relation id: the endpoint's name. */
  readonly scopes: Readonly<Record<string, string>>;
  /** Ids of storage whose storage-attached was committed and whose storage-detaching was not. */
  readonly storage: readonly string[];
  /** Latest revision of consumed secrets that was taken in by secret-changed, by URI. */
  readonly consumedSecrets: Readonly<Record<string, number>>;
  /** Revisions for which secret-remove ran, by URI. */
  readonly obsoleteSecrets: Readonly<Record<string, readonly number[]>>;
  /** Boot in which an agent of this unit last ran. Empty before the first. */
  readonly bootId: string;
}

/** State of a unit whose agent has never run. */
export function newUnitState(): UnitState {
  return {
    kind: 'install',
    step: 'queued',
    charmUrl: '',
    installed: false,
    started: false,
    stopped: false,
    removed: false,
    leader: false,
    statusSet: false,
    configHash: '',
    trustHash: '',
    addressesHash: '',
    relations: {},
    scopes: {},
    storage: [],
    consumedSecrets: {},
    obsoleteSecrets: {},
    bootId: '',
  };
}

/** What an agent process remembers and loses when it ends. Made by `startAgent`; never written to disk. */
export interface AgentMemory {
  /** Looks so far: with the seed it decides where Juju's order is that of a Go map. */
  readonly looks: number;
  /** The resolver loop was just entered (agent start, upgrade, failed hook): a new charm URL is looked at first. */
  readonly loopEntered: boolean;
  /** The charm was just replaced: the loop restarts with a new watcher. */
  readonly restart: boolean;
  /** The last deploy of the charm's files failed. */
  readonly conflicted: boolean;
  readonly rebootDetected: boolean;
  readonly charmModifiedVersion: number;
  readonly updateStatusTicks: number;
  readonly retryCount: number;
  readonly retryTimerStarted: boolean;
  /** Version of the leadership settings that this process last told the charm of; 0 = none yet. */
  readonly leaderSettingsVersion: number;
  readonly completedActions: readonly string[];
  readonly completedCommands: readonly string[];
  /** Secret events that are done with for this process and still in the snapshot: `expired URI/REVISION`, `rotate URI`. */
  readonly completedSecrets: readonly string[];
  /** The destruction of the unit's storage attachments was asked for. */
  readonly storageDestroyed: boolean;
  readonly subordinatesDestroyed: boolean;
  /** Relations for which this process has asked to enter the scope. */
  readonly scopesEntered: readonly number[];
  /** Relations joined by this process that are peers, and their remote applications: forgotten at a restart, as in Juju. */
  readonly peerRelations: readonly number[];
  readonly remoteApplications: Readonly<Record<string, string>>;
  /** Last agent status set by this process: setting the same again is left out. */
  readonly agentStatus: string;
}

/** Both halves of what the uniter knows. */
export interface LocalState {
  readonly unit: UnitState;
  readonly agent: AgentMemory;
}
