import { isIP } from 'node:net';
import { clusterStateOf, type NodeState } from './node-state';

/** What a store's own configuration says of one node, and on which line (from 1) it says so. */
export interface DescribedNode {
  readonly state: NodeState;
  readonly line: number;
}

/** Why a description cannot be taken: the line at fault, where one is, and what is wrong with it. */
export interface Fault {
  readonly line: number | null;
  readonly text: string;
  readonly why: string;
}

export type Described =
  | { readonly nodes: ReadonlyMap<string, DescribedNode>; readonly fault: null }
  | { readonly nodes: null; readonly fault: Fault };

/** `line 9 ("leaving = 10.0.0.4"): why` */
export const formatFault = ({ line, text, why }: Fault): string =>
  line === null ? why : `line ${line} ("${text.trim().slice(0, 120)}"): ${why}`;

/** Gathers what a description says, and keeps the first thing that is wrong with it. */
export class Description {
  private readonly lines: readonly string[];
  private readonly nodes = new Map<string, DescribedNode>();
  private fault: Fault | null = null;

  constructor(text: string) {
    this.lines = text.split(/\r?\n/);
  }

  /** Every line with its number, until something is at fault. */
  *rows(): Generator<readonly [text: string, line: number]> {
    for (const [index, text] of this.lines.entries()) {
      if (this.fault !== null) return;
      yield [text, index + 1];
    }
  }

  node(address: string, state: NodeState, line: number): void {
    if (isIP(address) === 0)
      return this.wrong(line, address === '' ? 'an address is missing' : `"${address}" is not an IP address`);
    const before = this.nodes.get(address);
    if (before !== undefined && before.state !== state)
      return this.wrong(line, `${address} is ${state} here, and ${before.state} on line ${before.line}`);
    if (before === undefined) this.nodes.set(address, { state, line });
  }

  wrong(line: number | null, why: string): void {
    this.fault ??= { line, text: line === null ? '' : (this.lines[line - 1] ?? ''), why };
  }

  /** What it says, whether or not the cluster manager could go on from it. */
  done(): Described {
    if (this.nodes.size === 0) this.wrong(null, 'it names no node');
    return this.fault === null ? { nodes: this.nodes, fault: null } : { nodes: null, fault: this.fault };
  }
}

/**
 * Why the cluster manager could not go on from these states: nodes that join beside nodes that leave, or none that is normal. Null where
 * it can. `text` is what they were read from.
 */
export function faultOf(nodes: ReadonlyMap<string, DescribedNode>, text: string): Fault | null {
  const lines = text.split(/\r?\n/);
  const at = (line: number, why: string): Fault => ({ line, text: lines[line - 1] ?? '', why });
  const inOrder = [...nodes].sort(([, one], [, other]) => one.line - other.line);
  const seen: NodeState[] = [];
  for (const [address, { state, line }] of inOrder) {
    seen.push(state);
    if (clusterStateOf(seen) === 'invalid cluster state')
      return at(
        line,
        `${address} is ${state} while others are ${[...new Set(seen.slice(0, -1))].join(' and ')}: the cluster manager knows no such state`,
      );
  }
  const [first] = inOrder;
  if (first !== undefined && !seen.includes('normal'))
    return at(first[1].line, `${first[0]} is ${first[1].state} and no node is normal: no server would be left`);
  return null;
}
