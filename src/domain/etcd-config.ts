import type { EtcdVersion, Url } from './ids';

/** Typed data of /etc/etcd/etcd.conf.yml; `renderEtcdConfig` writes it for an installed version (keys differ from 3.4 to 3.7). */
export interface EtcdConfig {
  readonly version: EtcdVersion;
  readonly name: string;
  readonly dataDir: string;
  readonly listenPeerUrls: readonly Url[];
  readonly listenClientUrls: readonly Url[];
  readonly listenMetricsUrls: readonly Url[];
  readonly initialAdvertisePeerUrls: readonly Url[];
  readonly advertiseClientUrls: readonly Url[];
  readonly initialCluster: readonly { readonly name: string; readonly peerUrl: Url }[];
  readonly initialClusterToken: string;
  readonly initialClusterState: 'new' | 'existing';
  /** Milliseconds. */
  readonly heartbeatInterval: number;
  /** Milliseconds. */
  readonly electionTimeout: number;
  readonly snapshotCount: number;
  readonly cipherSuites: readonly string[];
  readonly pki: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}
