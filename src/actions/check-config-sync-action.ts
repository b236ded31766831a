import { join } from 'node:path';
import { healthyVoterUrls } from '../domain/member';
import type { MirrorEntry } from '../domain/mirror';
import { mirrorWaiting } from '../domain/plan-mirror';
import { firstAnswering } from '../execute/execute-cluster';
import { readContent } from '../mirror/entry-mirror';
import { done, failed, type Action } from './action';
import { memberRefusal, quorumRefusal } from './refusals';

/** How a file on this unit stands to its key, in the words of Clearwater's check_config_sync. */
export type SyncVerdict = 'up to date' | 'present but is out of sync' | 'missing' | 'not used';

/** Byte for byte; a key that is absent is as an empty one, and where the file is absent too neither is in use. */
export function syncVerdict(key: Buffer | null, file: Buffer | null): SyncVerdict {
  if (file === null) return key === null ? 'not used' : 'missing';
  return (key ?? Buffer.alloc(0)).equals(file) ? 'up to date' : 'present but is out of sync';
}

const lineOf = ({ file, key }: MirrorEntry, verdict: SyncVerdict): string =>
  verdict === 'not used' ? ` - ${file} is not used (neither the file nor ${key} is there)` : ` - ${file} is ${verdict}`;

/** `check-config-sync`: the mirrored files of this unit against their keys, read anew. */
export const action: Action = async ({ observe, execution }) => {
  const observed = await observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const { wanted, problem, running } = observed.mirror;
  if (wanted === null) return failed(`${problem ?? 'config-mirror cannot be read'}.`);
  if (wanted.length === 0)
    return failed('No file is mirrored: set the option config-mirror, or clearwater=true, then try again.');
  const { files, paths } = execution;
  const keys = await execution.keys();
  const via = healthyVoterUrls(observed);
  const found: { readonly entry: MirrorEntry; readonly verdict: SyncVerdict }[] = [];
  for (const entry of wanted) {
    const present = await firstAnswering(via, 'get', (endpoint) => keys.read(endpoint, entry.key));
    const content = await readContent(files, join(paths.root, entry.file));
    found.push({ entry, verdict: syncVerdict(present?.value ?? null, content) });
  }
  const wrong = found.filter(({ verdict }) => verdict !== 'up to date' && verdict !== 'not used');
  const results = {
    output: found.map(({ entry, verdict }) => lineOf(entry, verdict)).join('\n'),
    files: String(found.length),
    'out-of-sync': String(wrong.length),
    mirror: running === null ? 'not running' : (mirrorWaiting(observed.mirror) ?? 'running'),
  };
  if (wrong.length === 0) return done(results);
  const which = wrong.map(({ entry }) => entry.file).join(', ');
  return failed(
    `${wrong.length} of ${found.length} files are not what their keys are: ${which}. Put what is right into the key, or move the file away to get the key's.`,
    results,
  );
};
