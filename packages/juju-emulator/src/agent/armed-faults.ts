import { moveLeadership, unitOf } from '../model';
import type { Clock } from '../store/clock';
import type { Journal } from '../store/journal';
import type { WorldStore } from '../store/world-store';
import { type ExecutionOptions, type HookChanges, UniterApiError } from '../tools';
import type { CommitTarget, FaultPlan, KillFault } from './faults';

export interface ArmedFaultPorts {
  readonly store: WorldStore;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  readonly clock: Clock;
  /** The agent dies now, like kill -9. */
  readonly die: () => void;
}

/** Carries out the faults that are armed for executions of one unit. */
export class ArmedFaults {
  constructor(
    private readonly unit: string,
    private readonly ports: ArmedFaultPorts,
  ) {}

  /** Called before a commit: leadership moves, or the commit is refused (by throwing). */
  atCommit(hook: string, changes: HookChanges): void {
    const { faults, journal, store } = this.ports;
    const fits = ({ applicationKey }: CommitTarget): boolean =>
      applicationKey === undefined || this.#changesApplicationKey(changes, applicationKey);
    const lost = faults.take('lose-leadership-at-commit', this.unit, hook, fits);
    const refused = faults.take('refuse-commit', this.unit, hook, fits);
    if (lost !== undefined) {
      journal.write('fault: leadership lost at commit', this.unit, { hook, to: lost.to });
      // Not undone when the commit is refused: the store takes its own copy.
      store.change((world) => moveLeadership(world, unitOf(world, this.unit).application, lost.to));
    }
    if (refused === undefined) return;
    journal.write('fault: commit refused', this.unit, { hook });
    throw new UniterApiError('unavailable', 'CommitHookChanges', 'commit refused by a fault');
  }

  #changesApplicationKey({ relations }: HookChanges, key: string): boolean {
    const { world } = this.ports.store;
    const { application } = unitOf(world, this.unit);
    return relations.some(
      ({ relationId, applicationSettings }) =>
        applicationSettings !== undefined &&
        applicationSettings[key] !== world.relations[String(relationId)]?.appBags[application]?.[key],
    );
  }

  /** The execution's process runs: a fault may kill it when its time has come. @returns takes that back. */
  atStart(hook: string, occurrence: number, process: { readonly kill: () => void }): () => void {
    const { faults, journal, clock } = this.ports;
    const fault = faults.take('kill-after', this.unit, hook);
    if (fault === undefined) return () => undefined;
    const { milliseconds, withAgent } = fault;
    return clock.after(milliseconds, () => {
      journal.write('fault: kill', this.unit, { hook, occurrence, afterMs: milliseconds, withAgent });
      if (withAgent) this.ports.die();
      else process.kill();
    });
  }

  /** Calls at which a fault kills the hook. */
  atCalls(hook: string, occurrence: number): Pick<ExecutionOptions, 'onCall' | 'onResult'> {
    const { faults, journal } = this.ports;
    let after: { readonly fault: KillFault; readonly kill: () => void } | undefined;
    const strike = (fault: KillFault, tool: string, kill: () => void): void => {
      journal.write('fault: kill', this.unit, {
        hook,
        occurrence,
        call: fault.call,
        tool,
        when: fault.when,
        withAgent: fault.withAgent,
      });
      if (fault.withAgent) this.ports.die();
      else kill();
    };
    return {
      onCall: (n, tool, _args, kill) => {
        journal.write('tool call', this.unit, { hook, occurrence, n, tool });
        const fault = faults.take('kill', this.unit, hook, (each) => each.call === n);
        if (fault === undefined) return 'proceed';
        if (fault.when === 'after') {
          after = { fault, kill };
          return 'drop answer';
        }
        strike(fault, tool, kill);
        return 'refuse';
      },
      onResult: (_n, request) => {
        if (after !== undefined) strike(after.fault, request.tool, after.kill);
        after = undefined;
      },
    };
  }
}
