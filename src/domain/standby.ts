import { url, type UnitName, type Url } from './ids';

/** What a standby works by: rendered by the charm, read by its two services. Holds no secret. */
export interface StandbySettings {
  /** Which release of the charm's program the link runs. */
  readonly release: string;
  /** What `etcd grpc-proxy` takes at its start alone: a change restarts it. */
  readonly proxy: {
    /** `address:port`. */
    readonly listen: string;
    readonly cipherSuites: readonly string[];
    readonly version: string;
    /** Fingerprint of the authority that clients' certificates must be of. */
    readonly ca: string;
  };
  /** Client URLs of the members, the one to be tried first at the front; the link reads them again and again. */
  readonly members: readonly Url[];
}

/** What the charm sees of standing by. */
export interface StandbyFacts {
  /** What units on the other side of the relation `members` say of where the members are. */
  readonly offered: readonly { readonly unit: UnitName; readonly connectionString: string }[];
  /** Text of the settings file; null where this unit is no standby. */
  readonly settings: string | null;
  /** Release of the link that runs; null where it does not. */
  readonly link: string | null;
  /** Text of the settings that the running proxy was started with; null where it does not run. */
  readonly proxy: string | null;
  /** The member that the link goes through; null where no healthy one was found. */
  readonly through: Url | null;
  /** Whether a read through the proxy on this unit was answered. */
  readonly serving: boolean;
}

/** Of a unit that is no standby. */
export const noStandby: StandbyFacts = {
  offered: [],
  settings: null,
  link: null,
  proxy: null,
  through: null,
  serving: false,
};

/** Where the charm asks the proxy on its own machine. */
export const proxyEndpoint = ({ proxy }: StandbySettings): Url =>
  url(`https://${proxy.listen.replace(/^(0\.0\.0\.0|\[::\]):/, '127.0.0.1:')}`);

/** Text of the settings file: changes only with what it says. */
export const renderStandbySettings = (settings: StandbySettings): string => `${JSON.stringify(settings, null, 2)}\n`;

/** Null for what this charm did not write. */
export function parseStandbySettings(text: string | null): StandbySettings | null {
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<StandbySettings> | null;
    return Array.isArray(value?.members) && typeof value.proxy === 'object' ? (value as StandbySettings) : null;
  } catch {
    return null;
  }
}
