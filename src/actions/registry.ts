import type { Action } from './action';

/** Every action that is built, loaded only when it is run. An action of actions.yaml that is not here is refused (not-built.ts). */
export const actions: Readonly<Record<string, () => Promise<{ readonly action: Action }>>> = {
  'alarm-disarm': () => import('./alarm-disarm-action'),
  'alarm-list': () => import('./alarm-list-action'),
  'check-cluster-state': () => import('./check-cluster-state-action'),
  'check-consistency': () => import('./check-consistency-action'),
  'cis-benchmark': () => import('./cis-benchmark-action'),
  compact: () => import('./compact-action'),
  debug: () => import('./debug-action'),
  defrag: () => import('./defrag-action'),
  'generate-client-certificates': () => import('./client-credentials-action'),
  health: () => import('./health-action'),
  'list-backups': () => import('./list-backups-action'),
  'load-from-cassandra-cluster': () => import('./load-cluster-state-action'),
  'load-from-chronos-cluster': () => import('./load-cluster-state-action'),
  'load-from-memcached-cluster': () => import('./load-cluster-state-action'),
  'member-list': () => import('./member-list-action'),
  'move-leader': () => import('./move-leader-action'),
  'package-client-credentials': () => import('./client-credentials-action'),
  'prune-aside': () => import('./prune-aside-action'),
  'prune-backups': () => import('./prune-backups-action'),
  'remove-failed-member': () => import('./remove-failed-member-action'),
  snapshot: () => import('./snapshot-action'),
  'snap-upgrade': () => import('./snap-upgrade-action'),
  'verify-backup': () => import('./verify-backup-action'),
};
