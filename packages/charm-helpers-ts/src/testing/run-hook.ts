import { runCharm } from '../run';
import type { Tracer } from '../trace';
import { classifyFailure, HookToolError } from '../tools/hook-tool-error';
import type { HookToolRunner } from '../tools/runner';
import { actionKitTools } from './action-tools';
import type { CharmUnderTest } from './charm-files';
import { refuseInconsistent } from './consistency';
import { hookEnvironment } from './environment';
import type { TestEvent } from './events';
import { beginSession, endSession, type HookSession, type LogLine } from './hook-session';
import { PlainText, type KitTools } from './kit-tool';
import { ToolRefusal } from './refusal';
import { relationKitTools } from './relation-tools';
import { secretKitTools } from './secret-tools';
import type { State } from './state';
import { parseToolArguments } from './tool-arguments';
import { unitKitTools } from './unit-tools';

export interface ToolCall {
  readonly tool: string;
  readonly args: readonly string[];
  /** What went through stdin or a private file. */
  readonly input: string | null;
  /** What the tool printed; null where it failed. */
  readonly output: string | null;
}

export interface ActionResult {
  readonly status: 'completed' | 'failed';
  /** Of a failure; empty otherwise. */
  readonly message: string;
  /** Nested as set. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly log: readonly string[];
}

/** The state after a hook (it can be the next hook's), and what happened in it. */
export interface HookOutcome extends State {
  readonly exitCode: number;
  /** False: the hook failed, was killed, or its commit was refused; transactional writes are gone. */
  readonly committed: boolean;
  readonly calls: readonly ToolCall[];
  readonly logs: readonly LogLine[];
  readonly stderr: readonly string[];
  /** Null unless the event is an action. */
  readonly action: ActionResult | null;
}

export interface RunHookOptions {
  /** Kills the hook when it makes its n-th tool call (from 1): that call and all that follows do not happen. */
  readonly killAtCall?: number;
  /** The commit fails although the hook succeeded, as when leadership moved meanwhile. */
  readonly refuseCommit?: boolean;
  /** Tools that fail, with Juju's words: `{'resource-get': 'could not download resource: timeout'}`. */
  readonly failing?: Readonly<Record<string, string>>;
  readonly tracer?: Tracer;
  /** Runs a charm in a state, or for an event, that Juju never makes. */
  readonly allowInconsistent?: boolean;
}

const kitTools: KitTools = { ...unitKitTools, ...relationKitTools, ...actionKitTools, ...secretKitTools };

/**
 * Runs a charm for one event in one state, by Juju's rules, without Juju.
 * The state is not changed: the outcome is the next one.
 * @throws InconsistentStateError where Juju could never run that event in that state.
 */
export async function runHook(
  charm: CharmUnderTest,
  event: TestEvent,
  before: State,
  options: RunHookOptions = {},
): Promise<HookOutcome> {
  if (options.allowInconsistent !== true) refuseInconsistent(charm, event, before);
  const session = beginSession(charm, event, before);
  const calls: ToolCall[] = [];
  const stderr: string[] = [];
  const killed = deferred();
  const tools = sessionRunner(session, calls, options, killed.resolve);
  const ended = runCharm(() => charm.main, {
    env: hookEnvironment(event, before),
    runner: tools.runner,
    stderr: (line) => stderr.push(line),
    ...(options.tracer === undefined ? {} : { tracer: options.tracer }),
  });
  const exitCode = await Promise.race([ended, killed.promise.then(() => killedStatus)]);
  await tools.served();
  const committed = exitCode === 0 && options.refuseCommit !== true;
  return Object.freeze({
    ...endSession(session, committed),
    exitCode,
    committed,
    calls: [...calls],
    logs: [...session.logs],
    stderr,
    action: actionResult(session, exitCode),
  });
}

/** What a shell reports for SIGKILL. */
const killedStatus = 137;

function actionResult(session: HookSession, exitCode: number): ActionResult | null {
  if (session.action === null) return null;
  const { results, failure, log } = session.action;
  // Juju replaces the message of an action that exits otherwise than with 0.
  const message = exitCode === 0 ? (failure ?? '') : `exit status ${exitCode}`;
  const failed = failure !== null || exitCode !== 0;
  return { status: failed ? 'failed' : 'completed', message, results: { ...results }, log: [...log] };
}

function sessionRunner(
  session: HookSession,
  calls: ToolCall[],
  options: RunHookOptions,
  kill: () => void,
): { readonly runner: HookToolRunner; readonly served: () => Promise<unknown> } {
  // Juju serves one tool at a time, in the order of the calls.
  let last: Promise<unknown> = Promise.resolve();
  let started = 0;
  const runner: HookToolRunner = {
    run: (tool, args, { stdin, privateFile } = {}) => {
      started += 1;
      if (options.killAtCall !== undefined && started >= options.killAtCall) {
        kill();
        return new Promise<string>(() => undefined);
      }
      const one = last.then(async () => {
        const call = { tool, args, input: stdin ?? privateFile ?? null };
        try {
          const failure = options.failing?.[tool];
          if (failure !== undefined) throw new ToolRefusal(1, failure);
          const kitTool = kitTools[tool];
          if (kitTool === undefined) throw new ToolRefusal(1, `bad request: unknown command: ${tool}`);
          const output = print(await kitTool({ session, args: parseToolArguments(tool, args), stdin, privateFile }));
          calls.push({ ...call, output });
          return output;
        } catch (error) {
          calls.push({ ...call, output: null });
          throw error instanceof ToolRefusal ? toolError(tool, args, error) : error;
        }
      });
      last = one.catch(() => undefined);
      return one;
    },
  };
  return { runner, served: () => last };
}

function print(value: unknown): string {
  if (value === undefined) return '';
  return value instanceof PlainText ? value.text : `${JSON.stringify(value)}\n`;
}

function toolError(tool: string, args: readonly string[], refusal: ToolRefusal): HookToolError {
  const stderr = `ERROR ${refusal.message}\n`;
  return new HookToolError({
    tool,
    args,
    exitCode: refusal.exitCode,
    stderr,
    ...classifyFailure(refusal.exitCode, stderr),
  });
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
