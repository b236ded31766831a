import type { Generation, UnitName } from './ids';

/** Which founding of the cluster: what a data directory belongs to, or what the application decided. */
export interface FoundingMark {
  readonly generation: Generation;
  readonly token: string;
}

/** What the start gate and its responder need, rendered by the charm: they work where no hook runs. Holds no secret. */
export interface GateSettings {
  /** `<model uuid>/<application>`: another application of the same certificate authority may sit at a reused address. */
  readonly cluster: string;
  readonly unit: UnitName;
  /** Address to listen on; null for all. */
  readonly listen: string | null;
  readonly port: number;
  /** The newest founding, or recreation under way, that this unit read back. */
  readonly decided: FoundingMark | null;
  /** Who is asked before etcd starts. */
  readonly peers: readonly { readonly unit: UnitName; readonly address: string }[];
}

/** What a unit says of itself to peers. */
export interface GateAnswer {
  readonly cluster: string;
  readonly unit: UnitName;
  /** The newest founding that it knows of; null before the first. */
  readonly newest: FoundingMark | null;
}

/** Why etcd was not started: kept in a file that the charm reads. */
export interface HeldBack {
  /** Who knows better: a peer, or this unit itself. */
  readonly by: UnitName;
  readonly generation: Generation;
  /** Generation of the data here; null where their marker is missing or unreadable. */
  readonly own: Generation | null;
}

/** The newer of two; the first where neither is. */
export function newestOf(one: FoundingMark | null, other: FoundingMark | null): FoundingMark | null {
  if (one === null || other === null) return one ?? other;
  return other.generation > one.generation ? other : one;
}

/**
 * Whether etcd may start on data marked `marker`, by what this unit and its peers know (rule 10): null, or who holds it back. No answer
 * is none against the start; answers of other clusters do not count. An equal generation with another token is a data directory of no
 * known founding, unless the decision that this unit read says that it is the one.
 */
export function heldBackBy(
  settings: Pick<GateSettings, 'cluster' | 'unit' | 'decided'>,
  marker: FoundingMark | null,
  answers: readonly GateAnswer[],
): HeldBack | null {
  const { cluster, unit, decided } = settings;
  const confirmed = decided !== null && marker !== null && isSame(decided, marker);
  const contradicts = (known: FoundingMark): boolean => {
    if (marker === null || known.generation > marker.generation) return true;
    return known.generation === marker.generation && known.token !== marker.token && !confirmed;
  };
  const own: GateAnswer = { cluster, unit, newest: decided };
  for (const answer of [own, ...answers]) {
    if (answer.cluster !== cluster || answer.newest === null || !contradicts(answer.newest)) continue;
    return { by: answer.unit, generation: answer.newest.generation, own: marker?.generation ?? null };
  }
  return null;
}

const isSame = (one: FoundingMark, other: FoundingMark): boolean =>
  one.generation === other.generation && one.token === other.token;

/** For the operator: why etcd does not run here. */
export function describeHeldBack({ by, generation, own }: HeldBack, unit: UnitName): string {
  const who = by === unit ? 'this unit itself' : by;
  const here =
    own === null
      ? 'are of no known one'
      : own === generation
        ? 'are of another founding of it'
        : `are of generation ${own}`;
  return `etcd is held back: ${who} knows generation ${generation} of the cluster, and the data here ${here}; the unit joins that cluster once Juju tells it of it`;
}

/** The founding that a settings file names; null where it names none or cannot be read. */
export function settingsDecided(text: string): FoundingMark | null {
  try {
    return (JSON.parse(text) as Partial<GateSettings>).decided ?? null;
  } catch {
    return null;
  }
}

/** Text of the settings file: changes only with what it says. */
export const renderGateSettings = (settings: GateSettings): string => `${JSON.stringify(settings, null, 2)}\n`;

/** What the responder writes down once it listens: which program, and where. */
export const listeningText = (release: string, { listen, port }: Pick<GateSettings, 'listen' | 'port'>): string =>
  `${release} on ${listen ?? '*'} ${port}`;
