import type { EtcdVersion } from './ids';

/** What the operator wants: config options with meaning, checked. Option names are the Python charm's (layer-etcd.md section 2). */
export interface Desired {
  readonly clientPort: number;
  readonly peerPort: number;
  /** Milliseconds. */
  readonly heartbeatInterval: number;
  /** Milliseconds. */
  readonly electionTimeout: number;
  readonly snapshotCount: number | 'auto';
  readonly bindToAllInterfaces: boolean;
  readonly bindWithInsecureHttp: boolean;
  readonly cipherSuites: readonly string[];
  /** `auto`: the resource, else apt. Anything else is a snap channel. */
  readonly workloadSource: { readonly kind: 'auto' } | { readonly kind: 'snap'; readonly channel: string };
}

/** One thing wrong with the configuration: which option, what was given and what is allowed, in one line. */
export interface ConfigProblem {
  readonly option: string;
  readonly message: string;
}

export const minimumVersion = '3.4.0' as EtcdVersion;
