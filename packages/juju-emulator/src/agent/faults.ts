/** Which execution a fault is for. */
export interface FaultTarget {
  readonly unit: string;
  /** Name of the hook or action, `*` for any. */
  readonly hook: string;
  /** Only the n-th of its name on this unit, from 1; a retry has the number of what it repeats. Default: whichever comes first. */
  readonly occurrence?: number;
}

/** Kill a hook at a hook-tool call. */
export interface KillFault extends FaultTarget {
  readonly kind: 'kill';
  /** The n-th tool call of the execution, from 1. */
  readonly call: number;
  readonly when: 'before' | 'after';
  /** Kill the unit's agent as well: after its restart the hook counts as failed. */
  readonly withAgent: boolean;
}

/** Kill an execution when it has run so long. */
export interface KillAfterFault extends FaultTarget {
  readonly kind: 'kill-after';
  readonly milliseconds: number;
  /** Kill the unit's agent as well. */
  readonly withAgent: boolean;
}

/** Which commit of those executions. */
export interface CommitTarget extends FaultTarget {
  /** Only one that changes this key in the application's bag of some relation. Default: any. */
  readonly applicationKey?: string;
}

/** Refuse the commit of a hook that ended well. */
export interface RefuseCommitFault extends CommitTarget {
  readonly kind: 'refuse-commit';
}

/** Move leadership to another unit between the hook's last leader check and its commit. */
export interface LoseLeadershipFault extends CommitTarget {
  readonly kind: 'lose-leadership-at-commit';
  readonly to: string;
}

/** The agent dies when the hook has ended well and before it is committed locally. */
export interface DieBeforeCommitFault extends FaultTarget {
  readonly kind: 'die-before-commit';
}

export type Fault = KillFault | KillAfterFault | RefuseCommitFault | LoseLeadershipFault | DieBeforeCommitFault;

/** Faults that wait for their moment. Each happens once. */
export class FaultPlan {
  readonly #armed: Fault[] = [];
  /** How often a hook of a name was begun on a unit, retries not counted. */
  readonly #begun = new Map<string, number>();
  /** What began on a unit and has not ended well. */
  readonly #unfinished = new Map<string, string>();

  /** An execution begins. It is a retry when the unit's last one was of the same name and did not end well. @returns its number. */
  begin(unit: string, hook: string): number {
    const key = `${unit} ${hook}`;
    const number = (this.#begun.get(key) ?? 0) + (this.#unfinished.get(unit) === hook ? 0 : 1);
    this.#begun.set(key, number);
    this.#unfinished.set(unit, hook);
    return number;
  }

  /** The unit's execution ended well and is committed. */
  end(unit: string): void {
    this.#unfinished.delete(unit);
  }

  arm(fault: Fault): void {
    this.#armed.push(fault);
  }

  get armed(): readonly Fault[] {
    return this.#armed;
  }

  clear(): void {
    this.#armed.length = 0;
  }

  /** Takes the first armed fault of a kind that fits the execution. */
  take<K extends Fault['kind']>(
    kind: K,
    unit: string,
    hook: string,
    fits: (fault: Extract<Fault, { kind: K }>) => boolean = () => true,
  ): Extract<Fault, { kind: K }> | undefined {
    const index = this.#armed.findIndex(
      (fault) =>
        fault.kind === kind &&
        fault.unit === unit &&
        (fault.hook === '*' || fault.hook === hook) &&
        (fault.occurrence === undefined || fault.occurrence === this.#begun.get(`${unit} ${hook}`)) &&
        fits(fault as Extract<Fault, { kind: K }>),
    );
    if (index < 0) return undefined;
    return this.#armed.splice(index, 1)[0] as Extract<Fault, { kind: K }>;
  }
}
