import { join } from 'node:path';
import { renderEtcdConfig } from '../domain/render-etcd-config';
import type { StepOf } from '../domain/step';
import { asideMarkerOf } from '../ports/paths';
import { serviceName } from '../ports/service-unit';
import { done, type Execution, type StepOutcome } from './execution';
import { takeUpSnapshot } from './take-up-snapshot';

export async function writeEtcdConfig(
  step: StepOf<'write-etcd-config'>,
  { files, paths, owner }: Execution,
): Promise<void> {
  await files.makeDirectory(paths.configDirectory, { mode: 0o755 });
  // It names files and addresses, no secret: an operator's etcdctl wrapper may read it.
  await files.writeAtomic(paths.configFile, renderEtcdConfig(step.config), {
    mode: 0o644,
    ...(owner === null ? {} : { owner }),
  });
}

/** On disk, synced, before etcd's first start: a crash in between leaves a marker without data, never data without a marker. */
export async function markData(step: StepOf<'mark-data'>, { files, paths, owner }: Execution): Promise<void> {
  await files.writeAtomic(paths.marker, `${JSON.stringify(step.marker)}\n`, {
    mode: 0o600,
    ...(owner === null ? {} : { owner }),
  });
}

/** What an earlier start left of its gate is gone before this one. */
export async function startEtcd({ services, files, paths, owner }: Execution): Promise<void> {
  await files.remove(paths.gate.heldBack);
  await files.makeDirectory(paths.data, { mode: 0o700, ...(owner === null ? {} : { owner }) });
  await services.start(serviceName);
}

export async function stopEtcd({ services, files, paths }: Execution): Promise<void> {
  await services.disable(serviceName);
  await services.stop(serviceName);
  await files.remove(paths.gate.heldBack);
}

const pollMs = 50;

/** Waits inside the hook, bounded, for the own member. Not serving in time is no failure: the plan looks again later. */
export async function awaitServing(step: StepOf<'await-serving'>, execution: Execution): Promise<StepOutcome> {
  if (step.joining !== true) return waitForAnswer(step, execution);
  const waiting = new AbortController();
  const helping = takeUpSnapshot(execution, waiting.signal);
  // Told below: until then nobody waits for it.
  helping.catch(() => undefined);
  try {
    return await waitForAnswer(step, execution);
  } finally {
    waiting.abort();
    // What it does to the service is over before another step begins.
    await helping;
  }
}

async function waitForAnswer(step: StepOf<'await-serving'>, execution: Execution): Promise<StepOutcome> {
  const { clock, services } = execution;
  const deadline = clock.monotonic() + step.timeoutMs;
  let last = 'it gave no answer';
  for (;;) {
    const endpoint = await execution.local();
    const probe = await execution.probe();
    if (endpoint !== null && probe !== null) {
      try {
        const status = await probe.status(endpoint);
        if (!step.withLeader || status.leaderId !== null) return done;
        last = 'it has no leader';
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
    }
    if ((await execution.files.read(execution.paths.gate.heldBack)) !== null) {
      last = 'its start gate holds it back';
      break;
    }
    if (clock.monotonic() >= deadline) break;
    await clock.sleep(pollMs);
  }
  const { state } = await services.state(serviceName);
  return {
    outcome: 'waiting',
    reason: `for etcd to serve on this unit (service ${state}; ${last})`,
    wokenBy: 'the next hook',
  };
}

/** Never deleted (rule 6): renamed on the same file system, with the time and the generation in the name. The marker stays: a founder must know that it had data. */
export async function moveDataAside({ files, paths, clock, owner }: Execution): Promise<void> {
  if (((await files.list(paths.data)) ?? []).length === 0) return;
  const mine = owner === null ? {} : { owner };
  await files.makeDirectory(paths.aside, { mode: 0o700, ...mine });
  const stamp = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-');
  const target = join(paths.aside, `data-${stamp}`);
  const marker = await files.read(paths.marker);
  if (marker !== null) await files.writeAtomic(asideMarkerOf(target), marker, { mode: 0o600, ...mine });
  await files.move(paths.data, target);
}
