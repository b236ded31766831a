import type { StepKind } from '../domain/step';

/** Parts of the world that are looked at, and kept, each on its own. */
export type Facet =
  | 'leader'
  | 'unit'
  | 'config'
  | 'peers'
  | 'certificate-authority'
  | 'clients'
  | 'workload'
  | 'tls'
  | 'service'
  | 'gate'
  | 'mirror'
  | 'configuration'
  | 'standby'
  | 'backup'
  | 'disk'
  | 'space'
  /** The own member's answer; forgotten with `cluster`. */
  | 'local'
  | 'cluster'
  /** Members of former clusters: asked once a hook. */
  | 'former'
  | 'remains'
  | 'ports'
  | 'memory';

/** What a step may have changed, so that nothing else is looked at again. Whoever adds a step has to say. */
export const changedBy: Readonly<Record<StepKind, readonly Facet[]>> = {
  'install-binaries': ['workload'],
  'switch-binaries': ['workload'],
  'write-service-unit': ['service'],
  'set-application-version': [],
  'request-certificate': ['certificate-authority'],
  'request-client-certificate': ['certificate-authority'],
  'install-certificates': ['tls', 'cluster', 'standby'],
  'package-credentials': [],
  'publish-peer': ['peers'],
  'write-founding': ['peers'],
  'record-members': ['peers'],
  remember: ['memory'],
  'install-gate': ['gate'],
  'write-gate-settings': ['gate'],
  'start-gate': ['gate'],
  'remove-gate': ['gate'],
  'start-mirror': ['mirror'],
  'stop-mirror': ['mirror'],
  'remove-mirror': ['mirror'],
  'start-standby': ['standby'],
  'restart-proxy': ['standby'],
  'remove-standby': ['standby'],
  'install-backup-timer': ['backup'],
  'remove-backup-timer': ['backup'],
  'remove-backups': ['space'],
  'write-etcd-config': ['service'],
  'mark-data': ['disk'],
  'start-etcd': ['service', 'gate', 'disk', 'cluster'],
  'restart-etcd': ['service', 'gate', 'disk', 'cluster'],
  'stop-etcd': ['service', 'gate', 'disk', 'cluster'],
  'await-serving': ['service', 'gate', 'disk', 'cluster'],
  'move-data-aside': ['disk', 'space'],
  'remove-aside': ['space'],
  'write-recreation': ['peers', 'configuration'],
  'stage-snapshot': ['disk'],
  'check-staged': ['disk'],
  'clear-staged': ['disk'],
  'measure-data': ['disk'],
  'seek-quorum': ['cluster'],
  'save-survivor': ['disk'],
  'stage-newest': ['disk'],
  'restore-data': ['disk'],
  'adopt-data': ['disk', 'space'],
  'add-learner': ['cluster'],
  'promote-learner': ['cluster'],
  'remove-member': ['cluster', 'service'],
  'move-leadership': ['cluster'],
  'update-peer-url': ['cluster'],
  'save-backup': [],
  'drill-backup': [],
  'take-turn': ['cluster'],
  'release-turn': ['cluster'],
  compact: ['cluster'],
  defragment: ['cluster'],
  'disarm-alarm': ['cluster'],
  'put-cluster-state': [],
  'hold-cluster-manager': ['configuration'],
  'release-cluster-manager': ['configuration'],
  'seed-keys': ['configuration'],
  'load-clearwater-stores': ['configuration'],
  'publish-client': ['clients'],
  'set-ports': ['ports'],
  'wake-later': [],
  wait: [],
  block: [],
  'fail-hook': [],
};
