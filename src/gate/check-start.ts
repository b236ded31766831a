import { describeHeldBack, heldBackBy, type GateAnswer, type GateSettings, type HeldBack } from '../domain/start-gate';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import { readCredentials } from '../ports/pem-credentials';
import { askPeer } from './ask-peer';
import { readMarker, readSettings } from './knowledge';

/** All peers together have one second: they are asked at the same time. */
export const oneSecond = (): AbortSignal => AbortSignal.timeout(1000);

/** How to ask a peer; rejects where it gives no answer. */
export type Ask = (peer: GateSettings['peers'][number], signal: AbortSignal) => Promise<GateAnswer>;

/** Asks over TLS with this unit's certificates; null while it has none. */
export async function tlsAsk(files: Files, paths: Paths, port: number): Promise<Ask | null> {
  const credentials = await readCredentials(files, paths, 'server');
  return credentials && (({ address }, signal) => askPeer({ address, port }, credentials, signal));
}

/**
 * Whether etcd may start, by this unit's files and its peers' answers: null, or who holds it back, which is also left in a file for the
 * charm. The first answer that holds it back decides; whoever says nothing in time does not count.
 */
export async function checkStart(
  files: Files,
  paths: Paths,
  asking: (port: number) => Promise<Ask | null>,
  patience: () => AbortSignal = oneSecond,
): Promise<HeldBack | null> {
  const settings = await readSettings(files, paths);
  const held = settings === null ? null : await verdict(settings, files, paths, asking, patience);
  if (held === null) await files.remove(paths.gate.heldBack);
  else await files.writeAtomic(paths.gate.heldBack, `${JSON.stringify(held)}\n`, { mode: 0o644 });
  return held;
}

async function verdict(
  settings: GateSettings,
  files: Files,
  paths: Paths,
  asking: (port: number) => Promise<Ask | null>,
  patience: () => AbortSignal,
): Promise<HeldBack | null> {
  const marker = await readMarker(files, paths);
  const alone = heldBackBy(settings, marker, []);
  if (alone !== null || settings.peers.length === 0) return alone;
  const ask = await asking(settings.port);
  if (ask === null) return null;
  const decided = new AbortController();
  const { signal } = decided;
  // Not AbortSignal.any: in Node 20 a timeout that only that knows of may be collected before its time, and the gate hung.
  patience().addEventListener('abort', () => decided.abort(), { once: true });
  try {
    return await firstAgainst(
      settings.peers.map(async (peer) => heldBackBy(settings, marker, [await ask(peer, signal)])),
    );
  } finally {
    decided.abort();
  }
}

/** The first answer that holds the start back, or null when all have answered or failed. */
function firstAgainst(answers: readonly Promise<HeldBack | null>[]): Promise<HeldBack | null> {
  return new Promise((resolve) => {
    const heard = answers.map((answer) => answer.then((held) => held !== null && resolve(held)));
    void Promise.allSettled(heard).then(() => resolve(null));
  });
}

/** For etcd's log. */
export const heldBackLine = (held: HeldBack, settings: GateSettings | null): string =>
  describeHeldBack(held, settings?.unit ?? held.by);
