/** Kill a hook at a hook-tool call. */
export interface KillFault {
  readonly kind: 'kill';
  readonly unit: string;
  /** Name of the hook or action, `*` for any. */
  readonly hook: string;
  /** The n-th tool call of the execution, from 1. */
  readonly call: number;
  readonly when: 'before' | 'after';
  /** Kill the unit's agent as well: after its restart the hook counts as failed. */
  readonly withAgent: boolean;
}

/** Refuse the commit of a hook that ended well. */
export interface RefuseCommitFault {
  readonly kind: 'refuse-commit';
  readonly unit: string;
  readonly hook: string;
}

/** Move leadership to another unit between the hook's last leader check and its commit. */
export interface LoseLeadershipFault {
  readonly kind: 'lose-leadership-at-commit';
  readonly unit: string;
  readonly hook: string;
  readonly to: string;
}

/** The agent dies when the hook has ended well and before it is committed locally. */
export interface DieBeforeCommitFault {
  readonly kind: 'die-before-commit';
  readonly unit: string;
  readonly hook: string;
}

export type Fault = KillFault | RefuseCommitFault | LoseLeadershipFault | DieBeforeCommitFault;

/** Faults that wait for their moment. Each happens once. */
export class FaultPlan {
  readonly #armed: Fault[] = [];

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
        fits(fault as Extract<Fault, { kind: K }>),
    );
    if (index < 0) return undefined;
    return this.#armed.splice(index, 1)[0] as Extract<Fault, { kind: K }>;
  }
}
