import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { localFiles } from '../tools/agent-files';
import { ensureHookToolClient } from '../tools/client-binary';
import { executionName, makeContextId } from '../tools/context-id';
import { localHost } from '../tools/execution-host';
import { HookContext, type LogEntry } from '../tools/hook-context';
import { runExecution } from '../tools/hook-runner';
import { jujuTools } from '../tools/registry';
import { actionFinish, canonicalJson, commitRequest } from './commit-request';
import { Comparison } from './comparison';
import { RecordedApi } from './recorded-api';
import { type RecordedContext, type RecordedWorld, subjectOf } from './recorded-world';
import type { Difference, VerifyResult } from './result';

interface RecordedRun {
  readonly id: string;
  readonly context: RecordedContext;
  readonly world: string;
  readonly files: Readonly<Record<string, { readonly content: string; readonly mode: string }>>;
  readonly handler: string;
  readonly error: string | null;
  readonly log: readonly LogEntry[] | null;
  readonly apiWrites: readonly unknown[] | null;
  readonly commit: unknown;
  readonly actionFinish?: unknown;
  readonly envSeen?: readonly string[];
  readonly scriptNotes?: string;
  readonly commands?: string;
  readonly execResult?: unknown;
  readonly isMissingHook?: boolean;
  readonly isReboot?: boolean;
  readonly isRequeueAndReboot?: boolean;
  readonly isTerminated?: boolean;
}

const hostEnvironment = { HOME: '/root', LANG: 'C.UTF-8', PATH: '/usr/bin:/bin' };
const contextRandom = Buffer.alloc(16, 0xab);

/** Lines of the two streams race, so their order says nothing. */
function sortedLog(log: readonly LogEntry[]): string[] {
  return log.map((entry) => canonicalJson(entry)).sort();
}

/** One run of a real script, with the real client and the real tool server, in a directory of its own. */
async function replay(run: RecordedRun, world: RecordedWorld, client: string, base: string): Promise<Difference[]> {
  const comparison = new Comparison(run.id);
  const paths = {
    charmDir: join(base, 'charm'),
    toolsDir: join(base, 'tools'),
    socket: join(base, 'agent.socket'),
  };
  await mkdir(paths.charmDir, { recursive: true });
  await mkdir(paths.toolsDir);
  for (const name of jujuTools.keys()) await symlink(client, join(paths.toolsDir, name));
  for (const [name, { content, mode }] of Object.entries(run.files)) {
    const path = join(paths.charmDir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: parseInt(mode, 8) });
  }
  const log: LogEntry[] = [];
  const api = new RecordedApi(world, join(base, 'resources'));
  const subject = subjectOf(run.context);
  const endpoint = world.relations.find((relation) => relation.id === run.context['relation-id'])?.endpoint ?? '';
  const contextId = makeContextId(world.unit, executionName(subject, endpoint), contextRandom);
  const context = await HookContext.create({
    api,
    subject,
    contextId,
    log: (entry) => void log.push(entry),
    files: localFiles(),
    now: () => new Date(0),
  });
  const result = await runExecution({
    context,
    host: localHost(),
    paths,
    listenPath: paths.socket,
    hostEnvironment,
    ...(run.commands === undefined ? {} : { commands: run.commands }),
  });
  const unplaced = (text: string): string =>
    text
      .replaceAll(paths.charmDir, '$CHARM_DIR')
      .replaceAll(paths.toolsDir, '$TOOLS_DIR')
      .replaceAll(paths.socket, '$SOCKET')
      .replaceAll(contextRandom.toString('hex'), '<32 hex digits>')
      .replaceAll(/\/tmp\/juju-exec[^/]+\//g, '/tmp/juju-exec<random>/');
  comparison.expect('error', run.error, result.error === undefined ? null : unplaced(result.error));
  comparison.expect('handler', run.handler, result.handler);
  comparison.expect('log', sortedLog(run.log ?? []), sortedLog(log));
  const writes = api.calls.takeImmediate();
  comparison.expect('writes', run.apiWrites, writes.length === 0 ? null : writes);
  const { committed } = api;
  const { relations } = context.facts;
  comparison.expect(
    'commit',
    run.commit,
    committed === undefined ? null : commitRequest(committed, context.unit, relations),
  );
  const finished = api.finished === undefined ? undefined : canonicalJson(actionFinish(api.finished));
  comparison.expect(
    'action finish',
    run.actionFinish === undefined ? undefined : canonicalJson(run.actionFinish),
    finished === undefined ? undefined : unplaced(finished),
  );
  comparison.expect('exec result', run.execResult, result.exec);
  comparison.expect('missing hook', run.isMissingHook ?? false, result.kind === 'missing');
  comparison.expect('reboot', run.isReboot ?? false, result.kind === 'reboot');
  comparison.expect('requeue and reboot', run.isRequeueAndReboot ?? false, result.kind === 'requeue-and-reboot');
  comparison.expect('terminated', run.isTerminated ?? false, result.kind === 'terminated');
  if (run.envSeen !== undefined) {
    const seen = await readFile(join(base, 'env.out'), 'utf8').catch(String);
    comparison.expect('environment', [...run.envSeen].sort(), unplaced(seen).trimEnd().split('\n').sort());
  }
  if (run.scriptNotes !== undefined) {
    comparison.expect('notes', run.scriptNotes, unplaced(await readFile(join(base, 'misc.out'), 'utf8').catch(String)));
  }
  return comparison.differences;
}

/**
 * Replays recorded hook runs (hookruns.jsonl): real scripts, run by this emulator's hook runner on this host.
 * @param worldsPath worlds.json, which lies beside the recordings.
 */
export async function verifyHookRuns(
  path: string,
  worldsPath = join(dirname(path), 'worlds.json'),
): Promise<VerifyResult> {
  const worlds = JSON.parse(await readFile(worldsPath, 'utf8')) as Record<string, RecordedWorld>;
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  const differences: Difference[] = [];
  let matched = 0;
  const base = await mkdtemp(join(tmpdir(), 'hookruns-'));
  try {
    const client = await ensureHookToolClient(base);
    for (const line of lines) {
      const run = JSON.parse(line) as RecordedRun;
      const world = worlds[run.world];
      if (world === undefined) throw new Error(`${worldsPath} has no world ${run.world} (needed by ${run.id}).`);
      const found = await replay(run, world, client, join(base, run.id));
      if (found.length === 0) matched++;
      differences.push(...found);
    }
  } finally {
    await rm(base, { recursive: true, force: true });
  }
  return { matched, total: lines.length, differences };
}
