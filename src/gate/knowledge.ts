import { generation, unitName } from '../domain/ids';
import { newestOf, type FoundingMark, type GateAnswer, type GateSettings } from '../domain/start-gate';
import { parseDataMarker } from '../ports/data-marker';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';

/** The settings that the charm rendered; null where there are none that can be read. */
export async function readSettings(files: Files, paths: Paths): Promise<GateSettings | null> {
  const text = await files.read(paths.gate.settings);
  return text === null ? null : (JSON.parse(text) as GateSettings);
}

/** Founding of the data here; null where the marker is missing or cannot be read. */
export async function readMarker(files: Files, paths: Paths): Promise<FoundingMark | null> {
  try {
    return parseDataMarker(await files.read(paths.marker), paths.marker);
  } catch {
    return null;
  }
}

/** What this unit answers: read anew for each question, so that nothing has to be restarted. */
export async function ownAnswer(files: Files, paths: Paths): Promise<GateAnswer | null> {
  const settings = await readSettings(files, paths);
  if (settings === null) return null;
  return {
    cluster: settings.cluster,
    unit: settings.unit,
    newest: newestOf(await readMarker(files, paths), settings.decided),
  };
}

/** `GET /generation`: JSON with these keys; `generation` and `token` are null before the first founding. */
export const formatAnswer = ({ cluster, unit, newest }: GateAnswer): string =>
  `${JSON.stringify({ cluster, unit, generation: newest?.generation ?? null, token: newest?.token ?? null })}\n`;

/** @throws where the text is no answer of a responder. */
export function parseAnswer(text: string): GateAnswer {
  const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { cluster, unit, generation: number, token } = value;
  if (typeof cluster !== 'string' || typeof unit !== 'string') throw new Error('no answer of a start gate');
  if (number === null) return { cluster, unit: unitName(unit), newest: null };
  if (!Number.isInteger(number) || typeof token !== 'string') throw new Error('no answer of a start gate');
  return { cluster, unit: unitName(unit), newest: { generation: generation(number as number), token } };
}
