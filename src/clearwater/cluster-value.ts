import type { DescribedNode } from './described-cluster';
import { isNodeState, type NodeState } from './node-state';

/** What a store's key holds: address -> state. */
export type ClusterValue = ReadonlyMap<string, NodeState>;

/** JSON as the cluster manager writes and reads it. */
export const formatClusterValue = (value: ClusterValue): string => JSON.stringify(Object.fromEntries(value));

export const valueOf = (nodes: ReadonlyMap<string, DescribedNode>): ClusterValue =>
  new Map([...nodes].map(([address, { state }]) => [address, state]));

/** The value of a key; or why it is none, in a few words. */
export function parseClusterValue(
  text: string,
): { readonly value: ClusterValue; readonly problem: null } | { readonly value: null; readonly problem: string } {
  const not = (problem: string) => ({ value: null, problem });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return not('it is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return not('it is not a JSON object');
  const value = new Map<string, NodeState>();
  for (const [address, state] of Object.entries(parsed)) {
    if (!isNodeState(state)) return not(`${address} is in the unknown state ${JSON.stringify(state)}`);
    value.set(address, state);
  }
  return { value, problem: null };
}

/** `10.0.0.3 is normal in etcd and joining on disk`, one for each address in which they differ. */
export function differences(inEtcd: ClusterValue, onDisk: ClusterValue): readonly string[] {
  const said = (state: NodeState | undefined): string => state ?? 'not there';
  return [...new Set([...inEtcd.keys(), ...onDisk.keys()])]
    .filter((address) => inEtcd.get(address) !== onDisk.get(address))
    .map((address) => `${address} is ${said(inEtcd.get(address))} in etcd and ${said(onDisk.get(address))} on disk`);
}
