import type { MirrorFacts } from '../domain/mirror';
import type { Observed } from '../domain/observed';
import { mirrorEntries } from '../mirror/entries';
import { readMirrorState } from '../mirror/mirror-state';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';

/** The configuration mirror: what the options want, and what files tell of it. */
export async function observeMirror(files: Files, paths: Paths, config: Observed['config']): Promise<MirrorFacts> {
  const text = (option: string, fallback: string): string => String(config[option] ?? fallback).trim();
  const [{ entries, problem }, settings, running] = await Promise.all([
    mirrorEntries({
      configMirror: text('config-mirror', ''),
      clearwater: config['clearwater'] === true,
      etcdKey: text('etcd_key', 'clearwater'),
      siteName: text('site-name', 'site1'),
    }),
    files.read(paths.mirror.settings),
    files.read(paths.mirror.running),
  ]);
  const { notes } = settings === null ? { notes: [] } : await readMirrorState(files, paths.mirror.state);
  return { wanted: entries, problem, settings, running: running?.trim() ?? null, notes };
}
