import { readBackupState } from '../backup/state-file';
import { done, failed, type Action } from './action';
import { targetOf } from './snapshot-action';

/** `verify-backup`: a drill. */
export const action: Action = async (call) => {
  const { parameters, execution } = call;
  const place = targetOf(parameters.text('source'), execution.paths);
  if ('refusal' in place) return failed(place.refusal.replace(/^target/, 'source'));
  // A name that was mistyped is no drill that failed.
  if ((await execution.files.size(place.target)) === null) return failed(`${place.target} is not on this unit.`);
  const began = execution.clock.monotonic();
  await call.perform({ kind: 'drill-backup', source: place.target });
  const { lastDrill } = await readBackupState(execution.files, execution.paths);
  if (lastDrill === null) throw new Error('the drill was made and not noted');
  const { path, good, said } = lastDrill;
  const seconds = ((execution.clock.monotonic() - began) / 1000).toFixed(1);
  const results = { path, good, seconds };
  if (!good) return failed(said.startsWith(path) ? said : `${path} is no good backup: ${said}.`, results);
  return done({ ...results, output: `${path} is good: ${said}` });
};
