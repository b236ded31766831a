import { basename } from 'node:path';
import { etcdVersion } from '../domain/ids';
import type { WorkloadFacts, WorkloadOffer } from '../domain/observed';
import { unknown, type Probe } from '../domain/probe';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import type { WorkloadSource } from '../ports/workload-source';
import { probing } from './probing';

export interface WorkloadSources {
  readonly resource: WorkloadSource;
  readonly apt: WorkloadSource;
  readonly snap: WorkloadSource;
}

const notAsked = unknown('not asked');

/** What is installed and what could be. apt and the snap are asked only where they may be needed: both are slow. */
export async function observeWorkload(
  sources: WorkloadSources,
  channel: unknown,
  files: Files,
  paths: Paths,
): Promise<WorkloadFacts> {
  const [entries, link, predecessor, resource] = await Promise.all([
    files.list(paths.versions),
    files.readLink(paths.current),
    files.list(paths.predecessorData),
    probing(() => sources.resource.offer()),
  ]);
  const wantsSnap = typeof channel === 'string' && channel !== 'auto' && channel !== '';
  const needed = link === null;
  const wantsApt = needed && !wantsSnap && !(resource.known && resource.value !== null);
  const ask = async (wanted: boolean, source: WorkloadSource): Promise<Probe<WorkloadOffer | null>> =>
    wanted ? probing(() => source.offer()) : notAsked;
  const [apt, snap] = await Promise.all([ask(wantsApt, sources.apt), ask(wantsSnap && needed, sources.snap)]);
  return {
    // A version's directory gets its name by a rename when it is complete.
    installed: (entries ?? []).filter((name) => /^\d+\.\d+\.\d+$/.test(name)).map(etcdVersion),
    current: link === null ? null : etcdVersion(basename(link)),
    resource,
    apt,
    snap,
    predecessorData: predecessor !== null && predecessor.length > 0,
  };
}
