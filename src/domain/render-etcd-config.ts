import type { EtcdConfig } from './etcd-config';
import { isAtLeast } from './version';

/** JSON strings are YAML strings: always quoted, so that no token or name reads as another type. */
const quoted = (text: string): string => JSON.stringify(text);
const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`;

const transportSecurity = ({ pki }: EtcdConfig): readonly string[] => [
  `  cert-file: ${quoted(pki.certFile)}`,
  `  key-file: ${quoted(pki.keyFile)}`,
  '  client-cert-auth: true',
  `  trusted-ca-file: ${quoted(pki.caFile)}`,
  '  auto-tls: false',
];

/** Checks for silent corruption; the keys lost their prefix in 3.6, and `experimental-` is gone in 3.7. */
function corruptionChecks({ version }: EtcdConfig): readonly string[] {
  if (isAtLeast(version, 3, 6)) return ['feature-gates: "InitialCorruptCheck=true,CompactHashCheck=true"'];
  const initial = 'experimental-initial-corrupt-check: true';
  return isAtLeast(version, 3, 5) ? [initial, 'experimental-compact-hash-check-enabled: true'] : [initial];
}

/**
 * Text of etcd.conf.yml for `--config-file` (etcd.io/docs/v3.5/op-guide/configuration). Only keys that the version knows:
 * from 3.6 on etcd refuses none, but 3.7 dropped what was experimental.
 */
export function renderEtcdConfig(config: EtcdConfig): string {
  const lines = [
    '# Written by the etcd charm; changes are overwritten.',
    `name: ${quoted(config.name)}`,
    `data-dir: ${quoted(config.dataDir)}`,
    `listen-peer-urls: ${quoted(config.listenPeerUrls.join(','))}`,
    `listen-client-urls: ${quoted(config.listenClientUrls.join(','))}`,
    ...(config.listenMetricsUrls.length > 0
      ? [`listen-metrics-urls: ${quoted(config.listenMetricsUrls.join(','))}`]
      : []),
    `initial-advertise-peer-urls: ${quoted(config.initialAdvertisePeerUrls.join(','))}`,
    `advertise-client-urls: ${quoted(config.advertiseClientUrls.join(','))}`,
    `initial-cluster: ${quoted(config.initialCluster.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(','))}`,
    `initial-cluster-token: ${quoted(config.initialClusterToken)}`,
    `initial-cluster-state: ${quoted(config.initialClusterState)}`,
    `heartbeat-interval: ${config.heartbeatInterval}`,
    `election-timeout: ${config.electionTimeout}`,
    ...(config.snapshotCount === null ? [] : [`snapshot-count: ${config.snapshotCount}`]),
    'strict-reconfig-check: true',
    // Off by default where there is a config file, and the charm asks members through it.
    'enable-grpc-gateway: true',
    'logger: zap',
    'log-level: info',
    ...corruptionChecks(config),
    `cipher-suites: ${list(config.cipherSuites)}`,
    'client-transport-security:',
    ...transportSecurity(config),
    'peer-transport-security:',
    ...transportSecurity(config),
  ];
  return `${lines.join('\n')}\n`;
}
