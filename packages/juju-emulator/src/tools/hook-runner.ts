import { join } from 'node:path';
import { executionName } from './context-id';
import { buildEnvironment, type EnvironmentDialect, type UnitPaths } from './environment';
import type { ExecutionHost, ProcessEnd, RunningProcess } from './execution-host';
import type { HookContext } from './hook-context';
import { findHookScript } from './hook-script';
import { describeFailure, type ProcessFailure } from './process-error';
import { encodeOutput, LineCutter } from './process-output';
import { jujuTools, type ToolRegistry } from './registry';
import { runTool, type ToolRequest, type ToolResult } from './run-tool';
import { type CallVerdict, ToolServer } from './tool-server';
import type { ActionOutcome } from './uniter-api';

export interface ExecutionOptions {
  readonly context: HookContext;
  readonly host: ExecutionHost;
  /** As the hook sees them. */
  readonly paths: UnitPaths;
  /** Where the agent listens; the same socket as `paths.socket`, seen from its side. */
  readonly listenPath: string;
  /** The agent's own environment: only PATH and KUBERNETES_* reach the hook. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  readonly dialect?: EnvironmentDialect;
  readonly registry?: ToolRegistry;
  /** What a juju-exec context runs (with bash). */
  readonly commands?: string;
  /** Fault injection at the n-th tool call; `kill` ends the hook with all it started. */
  readonly onCall?: (
    n: number,
    tool: string,
    args: readonly string[],
    kill: () => void,
  ) => CallVerdict | Promise<CallVerdict>;
  readonly onResult?: (n: number, request: ToolRequest, result: ToolResult) => void;
  /** The process runs; for faults that are not tied to a tool call. */
  readonly onStart?: (process: RunningProcess) => void;
}

export interface ExecutionResult {
  /**
   * `missing`: no script, which for a hook counts as done. `terminated`: killed, run again without an error.
   * `reboot`: done, the machine reboots. `requeue-and-reboot`: the same hook runs again after the reboot.
   * `commit-refused`: the script ended well, its changes were not taken; the hook has failed.
   */
  readonly kind: 'ok' | 'failed' | 'missing' | 'terminated' | 'reboot' | 'requeue-and-reboot' | 'commit-refused';
  /** What was found to run; '' when there was nothing to look for. */
  readonly handler: 'dispatch' | 'explicit' | 'invalid' | '';
  /** Why it is not ok, in the agent's words. */
  readonly error?: string;
  /** What was reported for the action. */
  readonly action?: ActionOutcome;
  /** What juju-exec printed. */
  readonly exec?: { readonly code: number; readonly stdout: string; readonly stderr: string };
  readonly toolCalls: number;
}

interface ProcessResult {
  readonly handler: ExecutionResult['handler'];
  readonly failure: ProcessFailure | undefined;
  readonly missing: boolean;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly toolCalls: number;
}

const execAction = 'juju-exec';

/**
 * Runs one execution to its end: finds the script, serves its tools, logs its output, then commits or drops what it
 * asked for and reports the action. Rejects only for faults of the emulator itself.
 */
export async function runExecution(options: ExecutionOptions): Promise<ExecutionResult> {
  const { subject } = options.context.options;
  if (subject.kind === 'exec') return runCommands(options, options.commands ?? '');
  if (subject.kind === 'action' && subject.name === execAction) {
    const command = subject.params['command'];
    if (typeof command !== 'string') {
      return { kind: 'failed', handler: 'invalid', error: 'no command parameter to juju-exec action', toolCalls: 0 };
    }
    const result = await runScript(options, command);
    // The command's own exit code is a result, not a failure.
    const code = result.failure?.returnCode ?? 0;
    return finishAction(options.context, { ...result, failure: undefined }, code);
  }
  const result = await runCharmScript(options);
  return subject.kind === 'action'
    ? finishAction(options.context, result, result.failure?.returnCode ?? 0)
    : finishHook(options.context, result);
}

async function runCharmScript(options: ExecutionOptions): Promise<ProcessResult> {
  const { context, host, paths } = options;
  const { subject } = context.options;
  const location = subject.kind === 'action' ? 'actions' : 'hooks';
  const name = executionName(subject, context.relation?.facts.endpoint ?? '');
  const script = await findHookScript(host, paths.charmDir, location, name);
  if (script.handler === 'invalid') {
    const failure = { message: script.error, terminated: false, returnCode: undefined };
    return { handler: 'invalid', failure, missing: script.missing, ...noOutput };
  }
  const module = `unit.${context.unit}.${name}`;
  const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const cutter = (stream: 'stdout' | 'stderr', level: 'DEBUG' | 'WARNING'): LineCutter =>
    new LineCutter((line, isWhole) => {
      collected[stream].push(line, Buffer.from(isWhole ? '\n' : ''));
      context.options.log({ module, level, message: line.toString() });
    });
  const out = cutter('stdout', 'DEBUG');
  const err = cutter('stderr', 'WARNING');
  const { end, toolCalls } = await runProcess(options, {
    command: script.path,
    args: [],
    dispatchPath: join(location, name),
    onStdout: (chunk) => out.push(chunk),
    onStderr: (chunk) => err.push(chunk),
  });
  return {
    handler: script.handler,
    failure: describeFailure(end, script.path),
    missing: false,
    stdout: Buffer.concat(collected.stdout),
    stderr: Buffer.concat(collected.stderr),
    toolCalls,
  };
}

const noOutput = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), toolCalls: 0 };

/** The juju-exec action: bash on a temporary file, without a dispatch path; its output is not logged. */
async function runScript(options: ExecutionOptions, text: string): Promise<ProcessResult> {
  const script = await options.host.makeScript(text);
  try {
    return await runBash(options, { args: [script.path] });
  } finally {
    await script.remove();
  }
}

async function runBash(
  options: ExecutionOptions,
  { args, stdin }: { args: readonly string[]; stdin?: string },
): Promise<ProcessResult> {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const { end, toolCalls } = await runProcess(options, {
    command: '/bin/bash',
    args,
    ...(stdin === undefined ? {} : { stdin }),
    onStdout: (chunk) => void stdout.push(chunk),
    onStderr: (chunk) => void stderr.push(chunk),
  });
  return {
    handler: 'invalid',
    failure: describeFailure(end, '/bin/bash'),
    missing: false,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr),
    toolCalls,
  };
}

async function runCommands(options: ExecutionOptions, commands: string): Promise<ExecutionResult> {
  const result = await runBash(options, { args: ['-s'], stdin: commands });
  const code = result.failure?.returnCode ?? 0;
  const finished = await finishHook(options.context, {
    ...result,
    // Only a killed shell is a failure of the execution itself; any exit code is the caller's to read.
    failure: result.failure?.terminated === true ? result.failure : undefined,
    handler: '',
  });
  return { ...finished, exec: { code, stdout: result.stdout.toString(), stderr: result.stderr.toString() } };
}

interface ProcessStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly dispatchPath?: string;
  readonly onStdout: (chunk: Uint8Array) => void;
  readonly onStderr: (chunk: Uint8Array) => void;
}

/** One process with its tool server around it. */
async function runProcess(
  options: ExecutionOptions,
  start: ProcessStart,
): Promise<{ end: ProcessEnd; toolCalls: number }> {
  const { context, host, paths, onCall, onResult } = options;
  // The kernel refuses it; a shell would have run it as its own.
  const file = await host.inspect(start.command);
  if (file !== undefined && file.isExecutable && file.format === 'unknown') {
    return { end: { kind: 'not started', code: 'ENOEXEC' }, toolCalls: 0 };
  }
  let running: RunningProcess | undefined;
  const kill = (): void => running?.kill();
  const server = await ToolServer.listen({
    socketPath: options.listenPath,
    contextId: context.options.contextId,
    run: (request) => runTool(options.registry ?? jujuTools, context, request),
    ...(onCall === undefined ? {} : { onCall: (n, tool, args) => onCall(n, tool, args, kill) }),
    ...(onResult === undefined ? {} : { onResult }),
  });
  try {
    context.killProcess = kill;
    const environment = await buildEnvironment(context, paths, options.hostEnvironment, options.dialect);
    running = host.start({
      command: start.command,
      args: start.args,
      cwd: paths.charmDir,
      environment: [
        ...environment,
        ...(start.dispatchPath === undefined ? [] : [`JUJU_DISPATCH_PATH=${start.dispatchPath}`]),
        `PWD=${paths.charmDir}`,
      ],
      ...(start.stdin === undefined ? {} : { stdin: start.stdin }),
      onStdout: start.onStdout,
      onStderr: start.onStderr,
    });
    options.onStart?.(running);
    return { end: await running.ended, toolCalls: server.callCount };
  } finally {
    context.killProcess = undefined;
    await server.close();
  }
}

/** Commits what is pending. @returns why the controller refused it. */
async function commit(context: HookContext): Promise<string | undefined> {
  const changes = context.pendingChanges();
  if (changes === undefined) return undefined;
  try {
    await context.api.commitHookChanges(changes);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The end of a hook's process: what was asked for is committed, or dropped, or the machine is to reboot. */
export async function finishHook(
  context: HookContext,
  result: Pick<ProcessResult, 'handler' | 'failure' | 'missing' | 'toolCalls'>,
): Promise<ExecutionResult> {
  const { handler, failure, missing, toolCalls } = result;
  if (context.reboot === 'now') {
    await context.api.requestReboot();
    return { kind: 'requeue-and-reboot', handler, error: 'reboot now', toolCalls };
  }
  if (failure !== undefined) {
    const kind = missing ? 'missing' : failure.terminated ? 'terminated' : 'failed';
    return { kind, handler, error: failure.message, toolCalls };
  }
  const refusal = await commit(context);
  if (refusal !== undefined) return { kind: 'commit-refused', handler, error: refusal, toolCalls };
  if (context.reboot === 'none') return { kind: 'ok', handler, toolCalls };
  await context.api.requestReboot();
  return { kind: 'reboot', handler, error: 'reboot after hook', toolCalls };
}

async function finishAction(context: HookContext, result: ProcessResult, code: number): Promise<ExecutionResult> {
  const { subject } = context.options;
  const { handler, failure, missing, toolCalls } = result;
  if (context.action === undefined || subject.kind !== 'action') throw new Error('No action runs in this context.');
  const report = async (outcome: ActionOutcome): Promise<ExecutionResult> => {
    await context.api.finishAction(subject.id, outcome);
    return { kind: 'ok', handler, action: outcome, toolCalls };
  };
  if (failure !== undefined && failure.returnCode === undefined) {
    const message = missing ? `action not implemented on unit "${context.unit}"` : failure.message;
    return report({ status: 'failed', message, results: {} });
  }
  for (const [name, data] of [
    ['stdout', result.stdout],
    ['stderr', result.stderr],
  ] as const) {
    if (data.length === 0) continue;
    const { text, encoding } = encodeOutput(data);
    context.action.set([name], text);
    if (encoding !== undefined) context.action.set([`${name}-encoding`], encoding);
  }
  context.action.set(['return-code'], code);
  const refusal = failure === undefined ? await commit(context) : undefined;
  const problem = failure?.message ?? refusal;
  const outcome = context.action.outcome();
  return report(problem === undefined ? outcome : { ...outcome, status: 'failed', message: problem });
}
