import type { Observed } from './observed';

export type Flag = 'leader' | 'installed' | 'tls.ready' | 'founded' | 'serving';

export function flagsOf(observed: Observed): ReadonlySet<Flag> {
  const flags = new Set<Flag>();
  if (observed.unit.isLeader.known && observed.unit.isLeader.value) flags.add('leader');
  if (observed.workload.current !== null) flags.add('installed');
  if (observed.tls.server !== null) flags.add('tls.ready');
  if (observed.peers.application.value.founding !== null) flags.add('founded');
  if (observed.cluster.local.known) flags.add('serving');
  return flags;
}
