import type { MirrorNote } from '../domain/mirror';
import type { Files } from '../ports/files';

/** What the mirror keeps of one entry over restarts. */
export interface EntryState {
  readonly key: string;
  /** sha256 of what key and file had in common last; null before the first time. */
  readonly common: string | null;
  /** sha256 of what the file was about to become; null once that is known to be so, or not. */
  readonly writing: string | null;
  /** sha256 of the content whose reload has not been seen to end well; null for none. */
  readonly toReload: string | null;
}

/** The state file: entries by their file, and what was found last. */
export interface MirrorState {
  readonly entries: Readonly<Record<string, EntryState>>;
  readonly notes: readonly MirrorNote[];
}

/** One that cannot be read counts as none: then keys win over files, whose contents are kept beside. */
export async function readMirrorState(files: Files, path: string): Promise<MirrorState> {
  try {
    const value = JSON.parse((await files.read(path)) ?? '') as Partial<MirrorState>;
    return { entries: value.entries ?? {}, notes: Array.isArray(value.notes) ? value.notes : [] };
  } catch {
    return { entries: {}, notes: [] };
  }
}

export const writeMirrorState = (files: Files, path: string, state: MirrorState): Promise<void> =>
  files.writeAtomic(path, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o644 });
