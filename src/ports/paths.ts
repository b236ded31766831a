import { join } from 'node:path';

/** The user that `juju ssh` and `juju scp` are on every machine. */
export const homeUser = 'ubuntu';

/** Where everything of this unit is. One object, so that a test can put a whole unit under a private root. */
export interface Paths {
  /** Directory that plays `/`. */
  readonly root: string;
  /** One directory per version below it. */
  readonly versions: string;
  /** Link to the version in use; switching is replacing it. */
  readonly current: string;
  readonly configDirectory: string;
  readonly configFile: string;
  readonly pki: {
    readonly directory: string;
    readonly ca: string;
    readonly serverCertificate: string;
    readonly serverKey: string;
    readonly clientCertificate: string;
    readonly clientKey: string;
    /** Keys and signing requests that the certificate authority was asked with; read by the charm alone. */
    readonly requests: string;
  };
  /** The volume; etcd's data are in a subdirectory, so that they can be moved aside on the same file system. */
  readonly volume: string;
  readonly data: string;
  readonly aside: string;
  readonly marker: string;
  /** What a recreation of the cluster has on this disk, beside the data so that a rename puts it in place. */
  readonly recreation: {
    /** What the staged database is for. */
    readonly record: string;
    readonly directory: string;
    /** Verified databases; their names differ, so that a new one does not touch that of an attempt under way. */
    readonly db: (name: string) => string;
    /** The data directory that is being made of it. */
    readonly data: string;
    /** What its load phase has done. */
    readonly loaded: string;
  };
  /** Written at each start of the process: what it was started with. Gone when it does not run. */
  readonly runtime: string;
  readonly runningConfig: string;
  readonly runningVersion: string;
  readonly journalDirectory: string;
  readonly journal: string;
  /** The journal before; at most one is kept. */
  readonly oldJournal: string;
  /** What this unit knows of its backups. */
  readonly backupState: string;
  /** Backups by the machine's own timers. */
  readonly schedule: {
    readonly settings: string;
    /** How putting it in place went last. */
    readonly notes: string;
    /** Held by whoever takes a backup or makes a drill by the schedule. */
    readonly lock: string;
    /** What is known of files of backups that were read once. */
    readonly catalogue: string;
  };
  /** Default directory of snapshots. */
  readonly snapshots: string;
  /** Downloads and what is known of them. */
  readonly cache: string;
  readonly serviceUnits: string;
  /** The start gate (src/gate). */
  readonly gate: {
    /** Node and the charm's bundle, copied: the charm's own directory is replaced under a running program when it is upgraded. */
    readonly directory: string;
    readonly node: string;
    readonly program: string;
    /** Which Node and which charm the copies are of; written last. */
    readonly release: string;
    readonly settings: string;
    /** Why etcd was not started; gone when it was. */
    readonly heldBack: string;
    /** Written by the responder once it listens; systemd removes it with the process. */
    readonly listening: string;
  };
  /** The configuration mirror (src/mirror). */
  readonly mirror: {
    readonly settings: string;
    /** What it found last, and what it has to know after a restart. */
    readonly state: string;
    /** Contents of files that no key had and that a key replaced. */
    readonly replaced: string;
    /** Written by the service once it runs; systemd removes it with the process. */
    readonly running: string;
  };
  /** A standby: the link to its cluster's members (src/standby) and the proxy that clients talk to. */
  readonly standby: {
    readonly settings: string;
    /** Where the proxy meets the link; from `root`, for the path of a socket may have 107 characters at most. */
    readonly socket: string;
    /** Which release of the link runs; systemd removes it with the process. */
    readonly link: string;
    /** The member that the link goes through; empty for none. Removed as `link` is. */
    readonly through: string;
    /** The settings that the proxy was started with; systemd removes it with the process. */
    readonly proxy: string;
  };
  /** Home of {@link homeUser}. */
  readonly home: string;
  /** Data of the Python charm's snap. */
  readonly predecessorData: string;
}

/** The names on a unit (design.md section 3) below `root`; the packed charm's root is `/`. */
export function makePaths(root = '/'): Paths {
  const at = (...parts: string[]): string => join(root, ...parts);
  const pki = at('etc/etcd/pki');
  return {
    root,
    versions: at('opt/etcd'),
    current: at('opt/etcd/current'),
    configDirectory: at('etc/etcd'),
    configFile: at('etc/etcd/etcd.conf.yml'),
    pki: {
      directory: pki,
      ca: join(pki, 'ca.crt'),
      serverCertificate: join(pki, 'server.crt'),
      serverKey: join(pki, 'server.key'),
      clientCertificate: join(pki, 'client.crt'),
      clientKey: join(pki, 'client.key'),
      requests: join(pki, 'requests'),
    },
    volume: at('var/lib/etcd'),
    data: at('var/lib/etcd/data'),
    aside: at('var/lib/etcd/aside'),
    marker: at('var/lib/etcd/generation.json'),
    recreation: {
      record: at('var/lib/etcd/recreation.json'),
      directory: at('var/lib/etcd/recreation'),
      db: (name) => at('var/lib/etcd/recreation', `${name}.db`),
      data: at('var/lib/etcd/recreation/data'),
      loaded: at('var/lib/etcd/recreation-load.json'),
    },
    runtime: at('run/etcd'),
    runningConfig: at('run/etcd/etcd.conf.yml'),
    runningVersion: at('run/etcd/version'),
    journalDirectory: at('var/log/etcd-charm'),
    journal: at('var/log/etcd-charm/steps.jsonl'),
    oldJournal: at('var/log/etcd-charm/steps.1.jsonl'),
    backupState: at('var/lib/etcd/backup-state.json'),
    schedule: {
      settings: at('etc/etcd/backup.json'),
      notes: at('var/lib/etcd/backup-schedule.json'),
      lock: at('var/lib/etcd/backup.lock'),
      catalogue: at('var/lib/etcd/backup-catalogue.json'),
    },
    snapshots: at('home/ubuntu/etcd-snapshots'),
    cache: at('var/cache/etcd-charm'),
    serviceUnits: at('etc/systemd/system'),
    gate: {
      directory: at('opt/etcd-charm'),
      node: at('opt/etcd-charm/node'),
      program: at('opt/etcd-charm/charm.cjs'),
      release: at('opt/etcd-charm/release'),
      settings: at('etc/etcd/gate.json'),
      heldBack: at('var/lib/etcd/held-back.json'),
      listening: at('run/etcd-gate/listening'),
    },
    mirror: {
      settings: at('etc/etcd/mirror.json'),
      state: at('var/lib/etcd-mirror/state.json'),
      replaced: at('var/lib/etcd-mirror/replaced'),
      running: at('run/etcd-config-mirror/running'),
    },
    standby: {
      settings: at('etc/etcd/standby.json'),
      socket: 'run/etcd-standby-link/member.sock',
      link: at('run/etcd-standby-link/running'),
      through: at('run/etcd-standby-link/through'),
      proxy: at('run/etcd-grpc-proxy/settings.json'),
    },
    home: at('home/ubuntu'),
    predecessorData: at('var/snap/etcd'),
  };
}

/** The marker of data that were moved aside, beside them. */
export const asideMarkerOf = (name: string): string => `${name}.generation.json`;
export const isAsideMarker = (name: string): boolean => name.endsWith('.generation.json');
