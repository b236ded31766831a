import { charmLog, type CharmLog } from './charm-log';
import { parseHookContext, type HookContext } from './context';
import { eventName } from './event';
import { nullTracer, type Tracer } from './trace';
import { createHookTools, type HookTools } from './tools';
import { processHookToolRunner } from './tools/process-runner';
import type { HookToolRunner } from './tools/runner';
import { tracedRunner } from './tools/traced-runner';

/** What a charm gets in a hook, an action or an exec. */
export interface CharmRun {
  readonly context: HookContext;
  readonly tools: HookTools;
  readonly log: CharmLog;
  readonly tracer: Tracer;
}

/** A charm: it reacts to the event in `context`, and rejects where the hook must fail (Juju then drops its writes and retries it). */
export type CharmMain = (run: CharmRun) => Promise<void>;

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly runner?: HookToolRunner;
  readonly tracer?: Tracer;
  /** Where a line goes that no hook tool takes; Juju logs a hook's stderr as warnings. */
  readonly stderr?: (line: string) => void;
}

/**
 * Runs a charm for one hook and gives the exit status for the process. It retries nothing: Juju does.
 * - The charm is loaded only after the environment was found to be Juju's.
 * - An error becomes one line in the log (its stack only at DEBUG) and exit status 1.
 * - In an action it becomes `action-fail` with exit status 0, because Juju replaces the message of one that exits otherwise.
 */
export async function runCharm(load: () => Promise<CharmMain> | CharmMain, options: RunOptions = {}): Promise<number> {
  const env = options.env ?? process.env;
  const stderr = options.stderr ?? ((line: string): void => void process.stderr.write(`${line}\n`));
  const tracer = options.tracer ?? nullTracer;
  const plain = options.runner ?? processHookToolRunner(env);
  const tools = createHookTools(tracer === nullTracer ? plain : tracedRunner(plain, tracer));
  const log = charmLog(tools, stderr);

  let context: HookContext;
  try {
    context = parseHookContext(env);
  } catch (error) {
    stderr(`ERROR ${oneLine(error)}`);
    return 1;
  }
  const hook = eventName(context.event);
  tracer.trace({ kind: 'hook-started', hook, unit: context.unit });
  const exitCode = await runLoaded(load, { context, tools, log, tracer }, stderr);
  await log.flush();
  tracer.trace({ kind: 'hook-finished', hook, exitCode });
  return exitCode;
}

async function runLoaded(
  load: () => Promise<CharmMain> | CharmMain,
  run: CharmRun,
  stderr: (line: string) => void,
): Promise<number> {
  try {
    await (
      await load()
    )(run);
    return 0;
  } catch (error) {
    run.log.error(`${eventName(run.context.event)}: ${oneLine(error)}`);
    if (error instanceof Error && error.stack !== undefined) run.log.debug(error.stack);
    if (run.context.event.kind !== 'action') return 1;
    try {
      await run.tools.actionFail(oneLine(error));
      return 0;
    } catch (refused) {
      stderr(`ERROR ${oneLine(refused)}`);
      return 1;
    }
  }
}

/** The message of whatever was thrown, on one line. */
function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
