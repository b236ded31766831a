import type { Desired } from './desired';
import { memberName, url, type EtcdVersion, type Url } from './ids';
import type { Observed } from './observed';
import { valueOr } from './probe';

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
  readonly initialCluster: readonly InitialMember[];
  readonly initialClusterToken: string;
  readonly initialClusterState: 'new' | 'existing';
  /** Milliseconds. */
  readonly heartbeatInterval: number;
  /** Milliseconds. */
  readonly electionTimeout: number;
  /** null leaves etcd's own default of its version. */
  readonly snapshotCount: number | null;
  readonly cipherSuites: readonly string[];
  readonly pki: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

export interface InitialMember {
  readonly name: string;
  readonly peerUrl: Url;
}

/** How the member comes into its cluster; without meaning to etcd once it has data. */
export interface Beginning {
  readonly state: 'new' | 'existing';
  readonly token: string;
  readonly initial: readonly InitialMember[];
  /** Where the member is in its cluster's list so far, if not where the options say: an unstarted founder keeps to the decision. */
  readonly peerUrl?: Url;
}

const portOf = (peerUrl: Url): number => Number(/:(\d+)$/.exec(peerUrl)?.[1]);

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** `https://address:port`, IPv6 in brackets. */
export const httpsUrl = (address: string, port: number): Url => url(`https://${inUrl(address)}:${port}`);

/** Where peers reach this unit; null while Juju has not told its address. */
export const ownPeerUrl = ({ unit }: Observed, { peerPort }: Desired): Url | null =>
  unit.peerAddress.known ? httpsUrl(unit.peerAddress.value, peerPort) : null;

/** Where clients reach this unit; null while Juju has not told its address. */
export const ownClientUrl = ({ unit }: Observed, { clientPort }: Desired): Url | null =>
  unit.clientAddress.known ? httpsUrl(unit.clientAddress.value, clientPort) : null;

/** The configuration of this unit's member; null while its addresses or its binaries are not known. */
export function etcdConfigFor(observed: Observed, desired: Desired, beginning: Beginning): EtcdConfig | null {
  const { unit, workload, paths } = observed;
  const peerUrl = beginning.peerUrl ?? ownPeerUrl(observed, desired);
  const clientUrl = ownClientUrl(observed, desired);
  if (peerUrl === null || clientUrl === null || workload.current === null) return null;
  const everywhere = desired.bindToAllInterfaces;
  const peerBind = everywhere ? '0.0.0.0' : valueOr(unit.peerBindAddress, null);
  const clientBind = everywhere ? '0.0.0.0' : valueOr(unit.clientBindAddress, null);
  if (peerBind === null || clientBind === null) return null;
  const insecure = desired.bindWithInsecureHttp ? [url('http://127.0.0.1:4001')] : [];
  return {
    version: workload.current,
    name: memberName(unit.name),
    dataDir: paths.dataDir,
    listenPeerUrls: [httpsUrl(peerBind, portOf(peerUrl))],
    listenClientUrls: [...insecure, httpsUrl(clientBind, desired.clientPort)],
    listenMetricsUrls: [],
    initialAdvertisePeerUrls: [peerUrl],
    advertiseClientUrls: [clientUrl],
    initialCluster: beginning.initial,
    initialClusterToken: beginning.token,
    initialClusterState: beginning.state,
    heartbeatInterval: desired.heartbeatInterval,
    electionTimeout: desired.electionTimeout,
    snapshotCount: desired.snapshotCount === 'auto' ? null : desired.snapshotCount,
    cipherSuites: desired.cipherSuites,
    pki: { caFile: paths.caFile, certFile: paths.serverCertificateFile, keyFile: paths.serverKeyFile },
  };
}
