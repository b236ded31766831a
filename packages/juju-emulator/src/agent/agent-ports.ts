import type { Machine } from '../machines/machine';
import type { Turns } from './turns';
import type { Clock } from '../store/clock';
import type { DebugLog } from '../store/debug-log';
import type { Journal } from '../store/journal';
import type { Mutex } from '../store/mutex';
import type { Random } from '../store/random';
import type { WorldStore } from '../store/world-store';
import type { Order } from '../uniter';
import type { Executor } from './executor';
import type { FaultPlan } from './faults';
import type { RetryPolicy } from './retry-timer';

/** What an agent is given. */
export interface AgentPorts {
  readonly store: WorldStore;
  readonly log: DebugLog;
  readonly journal: Journal;
  readonly clock: Clock;
  /** What the waits between retries are taken from. */
  readonly retryClock: Pick<Clock, 'after'>;
  /** When the agent may act. */
  readonly turns: Turns;
  readonly random: Random;
  readonly order: Order;
  readonly machine: Machine;
  /** One hook at a time on the machine. */
  readonly lock: Mutex;
  readonly faults: FaultPlan;
  readonly retry: RetryPolicy;
  /** Runs hooks, actions and commands on the machine. */
  readonly executor: Executor;
  /** Called whenever the agent comes to rest or goes on. */
  readonly onChange: () => void;
  /** The agent asks for a reboot of its machine. */
  readonly reboot: () => void;
  /** Juju's pauses between hooks, milliseconds; 0 = none. */
  readonly pauseMs: number;
}
