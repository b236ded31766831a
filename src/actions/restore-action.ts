import { isAbsolute } from 'node:path';
import type { ActionResults } from '@juju/charm-helpers-ts';
import { desiredFrom } from '../domain/desired';
import { CharmError } from '../domain/errors';
import { memberName } from '../domain/ids';
import type { Observed } from '../domain/observed';
import {
  beginRestore,
  isAlone,
  restoreAlone,
  restoreRefusal,
  restoreToken,
  stepsToBegin,
  type RestoreRequest,
} from '../domain/plan-restore';
import { peerUrlOf } from '../domain/recreation-part';
import { describeLoss, lostRevisions, type SourcedRecreation } from '../domain/recreation';
import { describeStep } from '../execute/describe-step';
import { prepareRestore } from '../execute/prepare-restore';
import { installedTool } from '../ports/snapshot-tool';
import { verifyBackup } from '../ports/backup-verify';
import { done, failed, type Action, type ActionCall, type ActionOutcome } from './action';
import { presentEndpoint, savePresent } from './save-present';
import { formatBytes } from './table';

/** There must be room for the data that are made of the backup, and for etcd's first log. */
const reserve = 192 * 1024 * 1024;
/** As actions.yaml has it; on a machine it is {@link Paths.home}. */
const defaultTarget = '/home/ubuntu';
const pollMs = 250;
/** How long the only unit waits for one thing, looks. */
const patience = 240;

const noBump =
  'this version of etcd cannot raise the revision at a restore (from 3.6 on it can): clients that watch, or keep revisions, must be started anew';

/** The file or directory to restore from; a refusal is one line. */
async function sourceOf({ parameters, execution }: ActionCall): Promise<{ path: string } | { refusal: string }> {
  const source = parameters.text('source');
  if (source !== '') {
    return isAbsolute(source)
      ? { path: source }
      : { refusal: `source is "${source}", and must be an absolute path of a file or directory on this unit.` };
  }
  const none = {
    refusal:
      'There is no snapshot to restore: attach one (juju attach-resource etcd snapshot=FILE), or give source= a file or directory on this unit.',
  };
  try {
    const path = await execution.tools.resourceGet('snapshot');
    return path === '' || ((await execution.files.size(path)) ?? 0) === 0 ? none : { path };
  } catch {
    return none;
  }
}

interface FoundBackup {
  readonly request: RestoreRequest;
  readonly from: string;
  readonly passedOver: readonly string[];
}

/**
 * Verifies the backup, and makes the data of it beside the place of the data; a refusal leaves nothing behind. Where an earlier attempt
 * has its data there, the database alone is kept, and the hooks make the data of it.
 */
async function requestOf(
  { execution }: ActionCall,
  source: string,
  observed: Observed,
): Promise<FoundBackup | { readonly refusal: string }> {
  const { files, paths } = execution;
  const scratch = paths.recreation.db(observed.entropy.slice(0, 12));
  await files.makeDirectory(paths.recreation.directory, { mode: 0o700 });
  const tool = await installedTool(execution);
  const bump = await tool.canBump();
  const room = async (bytes: number): Promise<string | null> => {
    const free = await files.freeBytes(paths.volume);
    if (free >= bytes + reserve) return null;
    return `cannot be restored: ${paths.volume} has ${formatBytes(free)} free, and ${formatBytes(bytes + reserve)} are needed. Free some (prune-aside, old snapshots)`;
  };
  const { desired } = desiredFrom(observed.config);
  const peerUrl = desired === null ? null : peerUrlOf(observed, desired);
  if (peerUrl === null) return { refusal: 'Juju does not tell the address of this unit: try again.' };
  const { staged } = observed.disk;
  const makes = staged.known && staged.value === null;
  const recreation = { token: restoreToken(observed), bump };
  const target = { recreation, name: memberName(observed.unit.name), peerUrl };
  const verdict = makes
    ? await prepareRestore({ source, scratch, tool, target, room }, execution)
    : await verifyBackup(source, { scratch, tool });
  if (!verdict.good) return { refusal: verdict.why };
  const lack = makes ? null : await room(verdict.size);
  if (lack !== null) {
    await files.remove(scratch);
    return { refusal: `${verdict.path} ${lack}.` };
  }
  const { sha256, revision, totalKeys, hash, size, hasHash } = verdict;
  return {
    request: {
      snapshot: { sha256, revision, keys: totalKeys, hash },
      db: scratch,
      size,
      hasHash,
      bump,
      made: makes,
    },
    from: verdict.path,
    passedOver: verdict.passedOver,
  };
}

/** Keys that a machine reads, the same for a plan and for its end. */
function resultsOf(recreation: SourcedRecreation, from: string): ActionResults {
  const lost = lostRevisions(recreation);
  return {
    generation: recreation.generation,
    revision: recreation.snapshot.revision.toString(),
    keys: recreation.snapshot.keys,
    source: from,
    ...(lost === null ? {} : { 'lost-from': lost.from.toString(), 'lost-to': lost.to.toString() }),
    ...(recreation.bump ? {} : { warning: noBump }),
  };
}

/** `restore`: begins to recreate the cluster from a backup; on the only unit of the application it carries all of it out. */
export const action: Action = async (call) => {
  const { parameters, execution, observe, lookAgain, progress } = call;
  const first = await observe();
  const early = restoreRefusal(first);
  if (early !== null) return failed(early);
  const given = parameters.text('target', defaultTarget);
  if (!isAbsolute(given)) return failed(`target is "${given}", and must be an absolute path on this unit.`);
  const target = given === defaultTarget ? execution.paths.home : given;
  const source = await sourceOf(call);
  if ('refusal' in source) return failed(source.refusal);
  await progress(`Verifying ${source.path}`);
  const found = await requestOf(call, source.path, first);
  if ('refusal' in found) return failed(found.refusal);
  const { request, from } = found;
  for (const line of found.passedOver) await progress(`Passed over: ${line}`);
  const { files, paths } = execution;
  const drop = (): Promise<void> => files.remove(request.made ? paths.recreation.data : request.db);
  // Reading a large backup takes its time.
  const observed = await lookAgain();
  const late = restoreRefusal(observed);
  if (late !== null) {
    await drop();
    return failed(late);
  }
  const recreation = beginRestore(observed, request);
  if (request.made && recreation.token !== restoreToken(first)) {
    await drop();
    return failed('Another attempt was begun meanwhile: run restore again.');
  }
  const endpoint = presentEndpoint(observed, await execution.local());
  const skips = parameters.flag('skip-backup');
  if (parameters.flag('dry-run')) {
    await drop();
    return done({
      ...resultsOf(recreation, from),
      output: planText(observed, recreation, from, endpoint !== null && !skips),
    });
  }
  let backup: ActionResults = {};
  if (endpoint !== null && !skips) {
    try {
      await progress(`Saving the present data in ${target}`);
      const record = await savePresent(call, endpoint, target);
      backup = { backup: { path: record.path, sha256sum: record.archiveSha256 } };
    } catch (error) {
      await drop();
      const why = error instanceof CharmError ? error.message : String(error);
      return failed(
        `The present data could not be saved, so nothing was changed (${why}); skip-backup=true restores without.`,
      );
    }
  }
  const results = { ...resultsOf(recreation, from), ...backup };
  if (isAlone(observed)) return carryOut(call, observed, request, { from, backup });
  for (const step of stepsToBegin(observed, recreation, request)) await call.perform(step);
  return done({
    ...results,
    output: [
      `Restoring revision ${recreation.snapshot.revision} of ${from} as generation ${recreation.generation}, by ${recreation.units.join(', ')}.`,
      'The units do the rest: juju status and the action recovery-status show how far they are.',
      ...(recreation.bump ? [] : [`Warning: ${noBump}.`]),
    ].join('\n'),
  });
};

/** On the only unit: every step here and now. */
async function carryOut(
  call: ActionCall,
  observed: Observed,
  request: RestoreRequest,
  { from, backup }: { readonly from: string; readonly backup: ActionResults },
): Promise<ActionOutcome> {
  const { perform, observe, lookAgain, progress, execution } = call;
  const { desired } = desiredFrom(observed.config);
  if (desired === null) return failed('The options make no sense: correct them first.');
  const running = restoreAlone(observed, desired, request);
  const again =
    'run restore again, it begins anew; what was here is under /var/lib/etcd/aside and in the snapshot that was taken';
  let looks = 0;
  try {
    let next = running.next();
    while (next.done !== true) {
      const step = next.value;
      if (step.kind === 'wait') {
        if (++looks > patience) return failed(`Waited too long ${step.why}: ${again}.`, backup);
        await execution.clock.sleep(pollMs);
        next = running.next(await lookAgain());
        continue;
      }
      const outcome = await perform(step);
      if (outcome.outcome === 'done' && step.kind !== 'wake-later') await progress(describeStep(step));
      next = running.next(await observe());
    }
    if ('problem' in next.value) return failed(`${next.value.problem}: ${again}.`, backup);
    const { recreation } = next.value;
    return done({
      ...resultsOf(recreation, from),
      ...backup,
      output: [
        `Restored revision ${recreation.snapshot.revision} of ${from} as generation ${recreation.generation}; ${describeLoss(recreation)}.`,
        ...(recreation.bump ? [] : [`Warning: ${noBump}.`]),
      ].join('\n'),
    });
  } catch (error) {
    if (!(error instanceof CharmError)) throw error;
    return failed(`${error.message} ${again[0]?.toUpperCase() ?? ''}${again.slice(1)}.`, backup);
  }
}

function planText(observed: Observed, recreation: SourcedRecreation, from: string, saves: boolean): string {
  const { snapshot, generation, units, creator, replaces } = recreation;
  return [
    `Would restore revision ${snapshot.revision} (${snapshot.keys} entries) of ${from} as generation ${generation}, in place of generation ${replaces}.`,
    saves
      ? 'The present data would be saved first as a verified snapshot.'
      : 'The present data would not be saved as a snapshot; the directories moved aside on each unit are what is kept.',
    `All clients lose the cluster for a while: ${units.join(', ')} stop, ${creator} starts with the restored data, the others join it empty.`,
    `By what answers now, ${describeLoss(recreation)}.`,
    ...(recreation.bump ? [] : [`Warning: ${noBump}.`]),
    `Nothing was changed${observed.peers.application.value.recreation === null ? '' : ' by this call'}.`,
  ].join('\n');
}
