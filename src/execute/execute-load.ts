import { join } from 'node:path';
import { describeLoads, loadStores } from '../clearwater/load-stores';
import type { Url } from '../domain/ids';
import type { MirrorEntry } from '../domain/mirror';
import type { StepOf } from '../domain/step';
import { readContent } from '../mirror/entry-mirror';
import { describeSeeded, seedKeys } from '../mirror/seed-keys';
import type { EtcdKeys } from '../ports/etcd-keys';
import { noteLoad } from '../ports/load-record';
import { firstAnswering } from './execute-cluster';
import { clearwaterNode, type Execution, type StepOutcome } from './execution';

const pollMs = 100;
/** How long files get to become what their keys are, milliseconds; what is different then is told. */
const patience = 5000;

/** The configuration of a cluster that began empty: from this unit's files alone. */
export async function seedFromFiles(step: StepOf<'seed-keys'>, execution: Execution): Promise<StepOutcome> {
  const { files, paths } = execution;
  const keys = await execution.keys();
  const seeded = await firstAnswering(step.via, 'put', (endpoint) =>
    seedKeys(files, paths.root, step.entries, keys, endpoint),
  );
  const lines = describeSeeded(seeded);
  await noteLoad(step.token, { seeded: lines }, files, paths);
  return { outcome: 'done', instead: `Made keys of the files on this unit: ${lines.join('; ') || 'there is none'}.` };
}

/** What cannot be taken from a store is noted with the others' loads, for the planners: it is tried again. */
export async function loadFromStores(
  step: StepOf<'load-clearwater-stores'>,
  execution: Execution,
): Promise<StepOutcome> {
  const { files, paths, clock } = execution;
  const keys = await execution.keys();
  const { told, faults } = await firstAnswering(step.via, 'load', async (endpoint) => {
    const differing = await filesThatDiffer(step.entries, keys, endpoint, execution);
    const loads = await loadStores(clearwaterNode(execution), keys, endpoint, step);
    return {
      told: [
        ...differing.map(({ file, key }) => `${file} is not what ${key} is`),
        ...describeLoads(loads.filter(({ outcome }) => outcome.kind !== 'fault')),
      ],
      faults: describeLoads(loads.filter(({ outcome }) => outcome.kind === 'fault')),
    };
  });
  await noteLoad(step.token, { stores: { at: clock.now(), told, faults } }, files, paths);
  const said = [...told, ...faults].join('; ');
  return { outcome: 'done', instead: `Loaded from Clearwater's data stores: ${said || 'there is none on this unit'}.` };
}

/** The mirror has just been started: it gets a moment. One that was edited on this unit stays different. */
async function filesThatDiffer(
  entries: readonly MirrorEntry[],
  keys: EtcdKeys,
  endpoint: Url,
  { files, paths, clock }: Execution,
): Promise<readonly MirrorEntry[]> {
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const differing: MirrorEntry[] = [];
    for (const entry of entries) {
      const value = (await keys.read(endpoint, entry.key))?.value ?? null;
      const content = await readContent(files, join(paths.root, entry.file));
      if (value === null ? content !== null : content?.equals(value) !== true) differing.push(entry);
    }
    if (differing.length === 0 || clock.monotonic() >= deadline) return differing;
    await clock.sleep(pollMs);
  }
}
