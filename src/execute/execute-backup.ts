import { backUp, homeOwner } from '../backup/back-up';
import { drill } from '../backup/drill';
import { CharmError } from '../domain/errors';
import { unitName } from '../domain/ids';
import type { StepOf } from '../domain/step';
import type { Execution } from './execution';

const everyMs = 2000;

export async function saveBackup(step: StepOf<'save-backup'>, execution: Execution): Promise<void> {
  const { clock, context, tools, owner } = execution;
  const endpoint = step.from ?? (await execution.local());
  if (endpoint === null) {
    throw new CharmError({
      code: 'ETCD_UNAVAILABLE',
      operation: 'snapshot',
      message: 'This unit has no address yet, so its own etcd cannot be asked.',
      retryable: true,
    });
  }
  let told = clock.monotonic();
  const lines: Promise<void>[] = [];
  const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
  const progress = (done: number, of: number): void => {
    if (clock.monotonic() - told < everyMs) return;
    told = clock.monotonic();
    lines.push(tools.actionLog(`snapshot: ${mebibytes(done)} of ${mebibytes(of)} MiB`).catch(() => undefined));
  };
  const { target, leastRevision } = step;
  const unit = unitName(context.unit);
  const reader = owner === null ? null : await homeOwner();
  await backUp(execution, { unit, endpoint, target, leastRevision, now: clock.now(), owner: reader, progress });
  await Promise.all(lines);
}

export async function drillBackup({ source }: StepOf<'drill-backup'>, execution: Execution): Promise<void> {
  const lines: Promise<void>[] = [];
  const progress = (line: string): void => void lines.push(execution.tools.actionLog(line).catch(() => undefined));
  await drill(execution, { source, user: execution.owner, progress });
  await Promise.all(lines);
}
