import type { BackupWish } from './backup-schedule';
import { backupWishFrom } from './backup-wish';
import type { Observed } from './observed';
import { roleWishFrom, type RoleWish } from './role-wish';

/** What the operator wants: config options with meaning, checked. Option names are the Python charm's (layer-etcd.md section 2). */
export interface Desired {
  readonly clientPort: number;
  readonly peerPort: number;
  /** Where the responder of the start gate listens. */
  readonly gatePort: number;
  /** Milliseconds. */
  readonly heartbeatInterval: number;
  /** Milliseconds. */
  readonly electionTimeout: number;
  readonly snapshotCount: number | 'auto';
  readonly bindToAllInterfaces: boolean;
  readonly bindWithInsecureHttp: boolean;
  readonly cipherSuites: readonly string[];
  /** Bytes that may be taken before the status warns; null for no limit. */
  readonly limits: { readonly aside: number | null; readonly snapshots: number | null; readonly logs: number | null };
  /** Backups by the machine's own timers; null for none. */
  readonly backups: BackupWish | null;
  readonly role: RoleWish;
  /** Where Clearwater's keys are: `/<etcdKey>/<siteName>/...`. */
  readonly clearwater: { readonly etcdKey: string; readonly siteName: string };
  /** `auto`: the resource, else apt. Anything else is a snap channel. */
  readonly workloadSource: WorkloadPreference;
}

export type WorkloadPreference = { readonly kind: 'auto' } | { readonly kind: 'snap'; readonly channel: string };

/** One thing wrong with the configuration: which option, what was given and what is allowed, in one line. */
export interface ConfigProblem {
  readonly option: string;
  readonly message: string;
}

export type DesiredOrProblems =
  | { readonly desired: Desired; readonly problems: readonly [] }
  | { readonly desired: null; readonly problems: readonly ConfigProblem[] };

/** The predecessor's six suites, used where the operator names none. */
export const defaultCipherSuites: readonly string[] = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
];

/** The suites of Go's crypto/tls that etcd takes by name and that are not known to be broken. */
const knownCipherSuites: ReadonlySet<string> = new Set([
  ...defaultCipherSuites,
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
]);

const sizeUnits = 'KMGT';

/** Bytes of `500M`, `1.5G`, `10GiB`; null for anything else. Units are powers of 1024. */
export function parseSize(text: string): number | null {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([KMGT])(?:i?B)?$/i.exec(text) ?? [];
  if (number === '') return null;
  return Math.round(Number(number) * 1024 ** (sizeUnits.indexOf(unit.toUpperCase()) + 1));
}

/** etcd refuses an election timeout above this, milliseconds. */
const maximumElectionTimeout = 50_000;
const heartbeatsPerElection = 5;

/** A hook's options are asked for by many, and never change: read once. */
const readOptions = new WeakMap<Observed['config'], DesiredOrProblems>();

/** What the options say; any problem at all gives no desired state, so that nothing half-right is acted on. */
export function desiredFrom(config: Observed['config']): DesiredOrProblems {
  const before = readOptions.get(config);
  if (before !== undefined) return before;
  const read = readDesired(config);
  readOptions.set(config, read);
  return read;
}

function readDesired(config: Observed['config']): DesiredOrProblems {
  const problems: ConfigProblem[] = [];
  const refuse = (option: string, message: string): void => void problems.push({ option, message });
  const integer = (option: string, fallback: number): number => {
    const value = config[option] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    refuse(option, `${option} is ${String(value)}, and must be a whole number`);
    return fallback;
  };
  const port = (option: string, fallback: number): number => {
    const value = integer(option, fallback);
    if (value < 1 || value > 65_535) refuse(option, `${option} is ${value}, and must be from 1 to 65535`);
    return value;
  };
  const flag = (option: string, fallback: boolean): boolean => (config[option] ?? fallback) === true;
  const text = (option: string, fallback: string): string => String(config[option] ?? fallback).trim();

  const clientPort = port('port', 2379);
  const peerPort = port('management_port', 2380);
  if (clientPort === peerPort)
    refuse('management_port', `port and management_port are both ${clientPort}, and must differ`);
  const gatePort = port('gate_port', 2382);
  for (const [option, taken] of [
    ['port', clientPort],
    ['management_port', peerPort],
  ] as const)
    if (gatePort === taken) refuse('gate_port', `${option} and gate_port are both ${taken}, and must differ`);
  const heartbeatInterval = integer('heartbeat_interval', 100);
  const electionTimeout = integer('election_timeout', 1000);
  if (heartbeatInterval < 1)
    refuse('heartbeat_interval', `heartbeat_interval is ${heartbeatInterval}, and must be at least 1 ms`);
  else if (electionTimeout < heartbeatsPerElection * heartbeatInterval) {
    const least = heartbeatsPerElection * heartbeatInterval;
    refuse(
      'election_timeout',
      `election_timeout is ${electionTimeout}, and must be at least 5 heartbeats (${least} ms)`,
    );
  }
  if (electionTimeout > maximumElectionTimeout) {
    refuse(
      'election_timeout',
      `election_timeout is ${electionTimeout}, and must be at most ${maximumElectionTimeout} ms`,
    );
  }
  const count = text('snapshot_count', 'auto');
  if (count !== 'auto' && !/^[1-9]\d{0,8}$/.test(count)) {
    refuse('snapshot_count', `snapshot_count is ${count}, and must be auto or a whole number above 0`);
  }
  const named = text('tls_cipher_suites', '')
    .split(',')
    .map((suite) => suite.trim())
    .filter((suite) => suite !== '');
  for (const suite of named.filter((one) => !knownCipherSuites.has(one))) {
    refuse('tls_cipher_suites', `tls_cipher_suites names ${suite}, which is not a cipher suite that etcd knows`);
  }
  const size = (option: string, fallback: string): number | null => {
    const value = text(option, fallback);
    if (value === '') return null;
    const bytes = parseSize(value);
    if (bytes === null)
      refuse(option, `${option} is ${value}, and must be a size such as 500M or 10G, or empty for no limit`);
    return bytes;
  };
  const limits = {
    aside: size('aside-limit', '10G'),
    snapshots: size('snapshot-limit', '20G'),
    logs: size('log-limit', '1G'),
  };
  const backups = backupWishFrom({ text, integer, refuse });
  const role = roleWishFrom({ text, refuse }, clientPort);
  const segment = (option: string, fallback: string): string => {
    const value = text(option, fallback);
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value))
      refuse(option, `${option} is "${value}", and must be letters, digits, dots, hyphens and underscores`);
    return value;
  };
  const clearwater = { etcdKey: segment('etcd_key', 'clearwater'), siteName: segment('site-name', 'site1') };
  const channel = text('channel', 'auto');
  if (problems.length > 0) return { desired: null, problems };
  return {
    problems: [],
    desired: {
      clientPort,
      peerPort,
      gatePort,
      heartbeatInterval,
      electionTimeout,
      snapshotCount: count === 'auto' ? 'auto' : Number(count),
      bindToAllInterfaces: flag('bind_to_all_interfaces', true),
      bindWithInsecureHttp: flag('bind_with_insecure_http', false),
      limits,
      backups,
      role,
      clearwater,
      cipherSuites: named.length > 0 ? named : defaultCipherSuites,
      workloadSource: channel === 'auto' || channel === '' ? { kind: 'auto' } : { kind: 'snap', channel },
    },
  };
}
