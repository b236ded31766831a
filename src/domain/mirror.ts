import type { ClusterId, Url } from './ids';

/** One key and the file that is kept in step with it, byte for byte. */
export interface MirrorEntry {
  readonly key: string;
  /** Absolute path. */
  readonly file: string;
  /** Run by /bin/sh after the file was written; null for nothing. */
  readonly reload: string | null;
  /** Permissions of the file. */
  readonly mode: number;
  /** User whose the file is; null for root. */
  readonly owner: string | null;
}

/** Rendered by the charm for the mirror's service, which works where no hook runs. Holds no secret. */
export interface MirrorSettings {
  /** The cluster that the unit belongs to: no other one's keys are made or taken over. Null while it is not known: then nobody is asked. */
  readonly cluster: ClusterId | null;
  /** Clients' addresses of the other members, for when the own one does not answer. */
  readonly others: readonly Url[];
  readonly entries: readonly MirrorEntry[];
}

/** How a file stands to its key. */
export type MirrorVerdict =
  | 'in-step'
  /** The file was changed on the unit and the key was not. */
  | 'edited-here'
  /** Neither the key nor the file is there. */
  | 'unused'
  /** Another cluster than the unit's answered last: nothing was written, neither a key nor the file. */
  | 'other-cluster'
  /** The file is too large for a key, or could not be read or written, or its reload failed. */
  | 'failed';

/** What the mirror last found of one entry. */
export interface MirrorNote {
  readonly key: string;
  readonly file: string;
  readonly verdict: MirrorVerdict;
  /** For `failed` and `other-cluster`, in one line. */
  readonly why: string | null;
}

/** A mirrored file as a survey tells it: sha256, hex; null where it is not there. */
export interface FileSum {
  readonly file: string;
  readonly sha256: string | null;
}

/** What the charm sees of the configuration mirror. */
export interface MirrorFacts {
  /** From the options: empty for no mirror. Null where they cannot be read: what is in place stays. */
  readonly wanted: readonly MirrorEntry[] | null;
  /** One line about the options; null where they are right. */
  readonly problem: string | null;
  /** Text of the settings file; null if absent. */
  readonly settings: string | null;
  /** What the running service works by; null where it does not run. */
  readonly running: string | null;
  /** What it wrote down last. */
  readonly notes: readonly MirrorNote[];
}

/** A key takes no more; etcd's own limit is 1.5 MiB for a whole request. */
export const largestFile = 1_000_000;

/** Text of the settings file: changes only with what it says. */
export const renderMirrorSettings = (settings: MirrorSettings): string => `${JSON.stringify(settings, null, 2)}\n`;

/** Of a settings file, also of one that an older charm wrote, which names no cluster. Throws for what is no JSON. */
export function parseMirrorSettings(text: string): MirrorSettings {
  const { cluster = null, others, entries } = JSON.parse(text) as Partial<MirrorSettings>;
  return { cluster, others: others ?? [], entries: entries ?? [] };
}

/** What the service writes down once it runs: by which program and which settings. */
export const runningText = (release: string, settings: string): string =>
  `${release} by ${settings.length} ${sumOf(settings)}`;

/** Tells settings apart; no security rests on it (FNV-1a, 32 bits). */
function sumOf(text: string): string {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return sum.toString(16);
}
