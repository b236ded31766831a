import type { GateFacts } from '../domain/observed';
import type { HeldBack } from '../domain/start-gate';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';

/** The start gate, from its files. A member that answers is not held back, whatever an earlier start left. */
export async function observeGate(
  files: Files,
  paths: Paths,
  wanted: string,
  answers: Promise<boolean>,
): Promise<GateFacts> {
  const { gate } = paths;
  const [installed, settings, listening, held, answered] = await Promise.all([
    files.read(gate.release),
    files.read(gate.settings),
    files.read(gate.listening),
    files.read(gate.heldBack),
    answers,
  ]);
  return {
    installed: installed?.trim() ?? null,
    wanted,
    settings,
    listening: listening?.trim() ?? null,
    heldBack: held === null || answered ? null : parseHeldBack(held),
  };
}

/** What the gate wrote, atomically; anything else was not written by it. */
function parseHeldBack(text: string): HeldBack | null {
  try {
    const value = JSON.parse(text) as Partial<HeldBack>;
    return typeof value.by === 'string' && typeof value.generation === 'number' ? (value as HeldBack) : null;
  } catch {
    return null;
  }
}
