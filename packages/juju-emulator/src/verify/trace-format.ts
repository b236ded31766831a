/** One recorded trace: what was done to a unit's world, and which hooks its agent then ran. Fields as in the recordings. */
export interface Trace {
  readonly id: string;
  readonly initial: {
    readonly unit: string;
    readonly charm: string;
    readonly config: string;
    readonly leader?: boolean;
    readonly model: string;
    readonly changes: readonly Change[] | null;
    readonly charmSetsStatus?: boolean;
    readonly subordinateTo?: string;
  };
  readonly steps: readonly TraceStep[];
  readonly unorderedGroups?: readonly { readonly step: number; readonly ordersSeen: readonly (readonly string[])[] }[];
}

export interface TraceStep {
  readonly change: readonly Change[] | null;
  readonly hooks: readonly TraceHook[] | null;
  readonly end: string;
  readonly state: TraceState;
  readonly log: readonly string[] | null;
}

/** One change of the world, or of the script by which hooks run. */
export interface Change {
  readonly do: string;
  readonly value?: string | boolean;
  readonly hook?: string;
  readonly changes?: readonly Change[];
  readonly count?: number;
  readonly rel?: number;
  readonly endpoint?: string;
  readonly role?: 'peer' | 'provider' | 'requirer';
  readonly interface?: string;
  readonly app?: string;
  readonly scope?: 'container';
  readonly unit?: string;
  readonly bag?: Readonly<Record<string, string>>;
  readonly id?: string;
  readonly name?: string;
  readonly storage?: string;
  readonly attached?: boolean;
  readonly uri?: string;
  readonly revision?: number;
  readonly label?: string;
  readonly owner?: 'application' | 'unit';
}

export interface TraceHook {
  readonly hook: string;
  readonly relation?: string;
  readonly remoteUnit?: string;
  readonly remoteApp?: string;
  readonly departingUnit?: string;
  readonly storage?: string;
  readonly secretUri?: string;
  readonly secretRevision?: number;
  readonly secretLabel?: string;
  readonly action?: string;
  readonly exec?: string;
  readonly result?: string;
}

export interface TraceState {
  readonly op: string;
  readonly step: string;
  readonly hook?: string;
  readonly installed: boolean;
  readonly started: boolean;
  readonly leader: boolean;
  readonly stopped?: boolean;
  readonly removed?: boolean;
  readonly relations?: Readonly<
    Record<
      string,
      {
        readonly members: readonly string[] | null;
        readonly appsSeen: readonly string[] | null;
        readonly changedPending?: string;
      }
    >
  >;
}

/** A hook in the one-line form in which `ordersSeen` has it. */
export function hookLine(hook: TraceHook): string {
  const parts: readonly (readonly [string, string | number | undefined])[] = [
    ['rel', hook.relation],
    ['unit', hook.remoteUnit],
    ['app', hook.remoteApp],
    ['departing', hook.departingUnit],
    ['storage', hook.storage],
    ['secret', hook.secretUri],
    ['rev', hook.secretRevision],
    ['label', hook.secretLabel],
    ['action', hook.action],
    ['result', hook.result],
  ];
  return [
    hook.hook,
    ...parts.filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${String(value)}`),
  ].join(' ');
}
