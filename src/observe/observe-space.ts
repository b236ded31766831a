import { join } from 'node:path';
import type { AsideData, SpaceFacts } from '../domain/space';
import { parseDataMarker } from '../ports/data-marker';
import type { Files } from '../ports/files';
import { asideMarkerOf, isAsideMarker, type Paths } from '../ports/paths';
import { probing } from './probing';

/** Space that only operators free. */
export async function observeSpace(files: Files, paths: Paths): Promise<SpaceFacts> {
  const [aside, snapshots, logs] = await Promise.all([
    probing(() => asideData(files, paths)),
    probing(() => files.usage(paths.snapshots)),
    probing(() => files.usage(paths.journalDirectory)),
  ]);
  return { aside, snapshots, logs };
}

async function asideData(files: Files, paths: Paths): Promise<readonly AsideData[]> {
  const names = ((await files.list(paths.aside)) ?? []).filter((name) => !isAsideMarker(name));
  return Promise.all(
    names.map(async (name): Promise<AsideData> => {
      const bytes = await files.usage(join(paths.aside, name));
      const marker = await files.read(join(paths.aside, asideMarkerOf(name)));
      return { name, bytes, ...toldBy(marker, name) };
    }),
  );
}

/** A marker that cannot be read tells nothing; the data are there all the same. */
function toldBy(text: string | null, name: string): Pick<AsideData, 'generation' | 'measured'> {
  try {
    const marker = parseDataMarker(text, name);
    return { generation: marker?.generation ?? null, measured: marker };
  } catch {
    return { generation: null, measured: null };
  }
}
