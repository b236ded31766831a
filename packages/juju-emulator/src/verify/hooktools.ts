import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { localFiles } from '../tools/agent-files';
import { ensureHookToolClient } from '../tools/client-binary';
import { ContextError, HookContext, type LogEntry } from '../tools/hook-context';
import { finishHook } from '../tools/hook-runner';
import { jujuTools } from '../tools/registry';
import { runTool, type ToolResult, UnknownTool } from '../tools/run-tool';
import { ToolServer } from '../tools/tool-server';
import { actionFinish, commitRequest } from './commit-request';
import { Comparison } from './comparison';
import { RecordedApi } from './recorded-api';
import type { ImmediateCall } from './recorded-calls';
import { type RecordedContext, type RecordedWorld, subjectOf } from './recorded-world';
import type { Difference, VerifyResult } from './result';

interface RecordedPending {
  readonly immediate?: readonly ImmediateCall[];
  readonly commit?: unknown;
  readonly actionFinish?: unknown;
  readonly log?: readonly LogEntry[];
  readonly rebootPriority?: number;
  readonly hookProcessKilled?: boolean;
  /** What the hook's end comes to beside a commit, and the calls that it makes. */
  readonly hookEndSignal?: string;
  readonly atFlush?: readonly string[];
}

interface RecordedCall {
  readonly id: string;
  readonly tool: string;
  readonly argv: readonly string[];
  readonly stdin: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | null;
  readonly context: RecordedContext;
  readonly world: string;
  readonly before?: readonly (readonly string[])[];
  readonly files?: Readonly<Record<string, string>>;
  readonly outFiles?: Readonly<Record<string, string>>;
  readonly envDrop?: readonly string[];
  readonly envSet?: Readonly<Record<string, string>>;
  readonly apiError?: string;
  readonly contextError?: string;
  readonly unordered?: boolean;
  readonly apiReads?: readonly string[];
  readonly pendingAfter: RecordedPending;
}

const contextId = 'replay';

function sortLines(text: string): string {
  return text.split('\n').sort().join('\n');
}

/** One call in a directory of its own, in process; the client and the socket have tests of their own. */
async function replay(call: RecordedCall, world: RecordedWorld, base: string): Promise<Difference[]> {
  const comparison = new Comparison(call.id);
  const charmDir = join(base, 'charm');
  const resourcesDir = join(base, 'resources');
  await mkdir(charmDir, { recursive: true });
  for (const [name, content] of Object.entries(call.files ?? {})) {
    await mkdir(dirname(join(charmDir, name)), { recursive: true });
    await writeFile(join(charmDir, name), content);
  }
  const log: LogEntry[] = [];
  const api = new RecordedApi(world, resourcesDir);
  let context: HookContext;
  try {
    context = await HookContext.create({
      api,
      subject: subjectOf(call.context),
      contextId,
      log: (entry) => void log.push(entry),
      files: localFiles(),
      now: () => new Date(0),
    });
  } catch (error) {
    if (!(error instanceof ContextError)) throw error;
    comparison.expect('context error', call.contextError ?? '', error.message);
    return comparison.differences;
  }
  if (call.contextError !== undefined) comparison.expect('context error', call.contextError, 'none');
  let killed = false;
  context.killProcess = () => {
    killed = true;
  };
  const run = async (tool: string, args: readonly string[], stdin: string | null): Promise<ToolResult> => {
    try {
      const request = { tool, args, dir: charmDir };
      const result = await runTool(jujuTools, context, { ...request, stdin: undefined });
      if (result !== 'stdin required') return result;
      const again = await runTool(jujuTools, context, { ...request, stdin: Buffer.from(stdin ?? '') });
      if (again === 'stdin required') throw new Error(`${tool} asks for stdin twice.`);
      return again;
    } catch (error) {
      if (!(error instanceof UnknownTool)) throw error;
      return { code: 1, stdout: '', stderr: `ERROR bad request: unknown command: ${tool}\n` };
    }
  };
  for (const [tool = '', ...args] of call.before ?? []) await run(tool, args, null);
  api.calls.takeImmediate();
  api.calls.takeReads();
  log.length = 0;
  const result = await run(call.tool, call.argv, call.stdin);
  // What is read, and what is not because the context has it already.
  const reads = api.calls.takeReads();
  comparison.expect('reads', call.apiReads, reads.length === 0 ? undefined : reads);
  const unplaced = (text: string): string =>
    text.replaceAll(charmDir, '$CHARM_DIR').replaceAll(resourcesDir, '$RESOURCES_DIR');
  comparison.expect('exit', call.exit, result.code);
  if (call.apiError !== 'fake') {
    const lines = call.unordered === true ? sortLines : (text: string): string => text;
    comparison.expect('stdout', lines(call.stdout), lines(unplaced(result.stdout)));
    comparison.expect('stderr', call.stderr, unplaced(result.stderr));
  }
  const given = Object.keys(call.files ?? {});
  const expectedFiles = Object.keys(call.outFiles ?? {}).filter((name) => !given.includes(name));
  comparison.expect('files written', expectedFiles.sort(), await newFiles(charmDir, given));
  for (const [name, content] of Object.entries(call.outFiles ?? {})) {
    comparison.expect(name, content, await readFile(join(charmDir, name), 'utf8').catch(String));
  }
  const changes = context.pendingChanges();
  const { pendingAfter } = call;
  const request = changes === undefined ? undefined : commitRequest(changes, context.unit, context.facts.relations);
  comparison.expect('commit', pendingAfter.commit, request);
  const immediate = api.calls.takeImmediate();
  comparison.expect('immediate', pendingAfter.immediate, immediate.length === 0 ? undefined : immediate);
  comparison.expect('log', pendingAfter.log, log.length === 0 ? undefined : log);
  comparison.expect(
    'action finish',
    pendingAfter.actionFinish,
    context.action === undefined ? undefined : actionFinish(context.action.outcome()),
  );
  const priority = { none: undefined, 'after-hook': 1, now: 2 }[context.reboot];
  comparison.expect('reboot', pendingAfter.rebootPriority, priority);
  comparison.expect('killed', pendingAfter.hookProcessKilled ?? false, killed);
  if (context.action === undefined) {
    const { signal, calls } = await endHook(context, api, killed);
    comparison.expect('end of the hook', pendingAfter.hookEndSignal, signal);
    comparison.expect('calls at the end', pendingAfter.atFlush, calls);
  }
  return comparison.differences;
}

/** Ends the hook right after the call, as if its script had ended well or been killed by the call. */
async function endHook(
  context: HookContext,
  api: RecordedApi,
  killed: boolean,
): Promise<{ signal: string | undefined; calls: string[] | undefined }> {
  const failure = killed ? { message: 'terminated', terminated: true, returnCode: undefined } : undefined;
  const end = await finishHook(context, { handler: 'dispatch', failure, missing: false, toolCalls: 1 });
  // The agent's own status is no part of what the recordings have under this name.
  const calls = api.calls
    .takeImmediate()
    .map(({ call }) => call.slice(call.indexOf('.') + 1))
    .filter((call) => call !== 'SetAgentStatus');
  return { signal: end.error, calls: calls.length === 0 ? undefined : calls };
}

/** Files of a directory with all below it, but those that were there before. */
async function newFiles(directory: string, before: readonly string[]): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((name) => !before.includes(name))
    .sort();
}

/** Calls with a changed environment go through the real client and the real socket: it is they who answer. */
async function replayClient(call: RecordedCall, client: string, base: string): Promise<Difference[]> {
  const comparison = new Comparison(call.id);
  await mkdir(base, { recursive: true });
  const tool = join(base, call.tool);
  const socketPath = join(base, 'agent.socket');
  await symlink(client, tool);
  const server = await ToolServer.listen({
    socketPath,
    contextId,
    run: () => Promise.reject(new Error('The call should not have come this far.')),
  });
  try {
    const environment: Record<string, string> = {
      JUJU_CONTEXT_ID: contextId,
      JUJU_AGENT_SOCKET_ADDRESS: socketPath,
      JUJU_AGENT_SOCKET_NETWORK: 'unix',
    };
    for (const [name, value] of Object.entries(call.envSet ?? {})) {
      environment[name] = value.replaceAll('$BASE_DIR', base);
    }
    for (const name of call.envDrop ?? []) delete environment[name];
    const result = await new Promise<{ exit: number; stdout: string; stderr: string }>((resolve) => {
      execFile(tool, [...call.argv], { env: environment }, (error, stdout, stderr) =>
        resolve({ exit: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
    comparison.expect('exit', call.exit, result.exit);
    comparison.expect('stdout', call.stdout, result.stdout);
    comparison.expect('stderr', call.stderr, result.stderr.replaceAll(base, '$BASE_DIR'));
  } finally {
    await server.close();
  }
  return comparison.differences;
}

/**
 * Replays recorded hook-tool calls (hooktools.jsonl, hooktools-yaml.jsonl) against this emulator's tools.
 * @param worldsPath worlds.json, which lies beside the recordings.
 */
export async function verifyHookTools(
  path: string,
  worldsPath = join(dirname(path), 'worlds.json'),
): Promise<VerifyResult> {
  const worlds = JSON.parse(await readFile(worldsPath, 'utf8')) as Record<string, RecordedWorld>;
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  const calls = lines.map((line) => JSON.parse(line) as RecordedCall);
  const differences: Difference[] = [];
  let matched = 0;
  const base = await mkdtemp(join(tmpdir(), 'hooktools-'));
  const isClientCall = (call: RecordedCall): boolean => call.envDrop !== undefined || call.envSet !== undefined;
  try {
    const client = calls.some(isClientCall) ? await ensureHookToolClient(base) : '';
    for (const call of calls) {
      const world = worlds[call.world];
      if (world === undefined) throw new Error(`${worldsPath} has no world ${call.world} (needed by ${call.id}).`);
      const directory = join(base, call.id);
      const found = await (isClientCall(call) ? replayClient(call, client, directory) : replay(call, world, directory));
      if (found.length === 0) matched++;
      differences.push(...found);
    }
  } finally {
    await rm(base, { recursive: true, force: true });
  }
  return { matched, total: calls.length, differences };
}
