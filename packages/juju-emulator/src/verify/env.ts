import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { localFiles } from '../tools/agent-files';
import { executionName, makeContextId } from '../tools/context-id';
import { buildEnvironment } from '../tools/environment';
import { HookContext } from '../tools/hook-context';
import { Comparison } from './comparison';
import { RecordedApi } from './recorded-api';
import { type RecordedContext, type RecordedWorld, subjectOf } from './recorded-world';
import type { Difference, VerifyResult } from './result';

interface RecordedEnvironment {
  readonly id: string;
  readonly context: RecordedContext;
  readonly world: string;
  readonly hostEnv: Readonly<Record<string, string>>;
  readonly vars: readonly string[];
}

const paths = { charmDir: '$CHARM_DIR', toolsDir: '$TOOLS_DIR', socket: '$SOCKET' };
const random = Buffer.alloc(16, 0xcd);

/** Replays recorded environments (env.jsonl): the exact list, in its order. */
export async function verifyEnvironments(
  path: string,
  worldsPath = join(dirname(path), 'worlds.json'),
): Promise<VerifyResult> {
  const worlds = JSON.parse(await readFile(worldsPath, 'utf8')) as Record<string, RecordedWorld>;
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  const differences: Difference[] = [];
  let matched = 0;
  for (const line of lines) {
    const recorded = JSON.parse(line) as RecordedEnvironment;
    const world = worlds[recorded.world];
    if (world === undefined)
      throw new Error(`${worldsPath} has no world ${recorded.world} (needed by ${recorded.id}).`);
    const subject = subjectOf(recorded.context);
    const relation = world.relations.find((one) => one.id === recorded.context['relation-id']);
    const context = await HookContext.create({
      api: new RecordedApi(world, '$RESOURCES_DIR'),
      subject,
      contextId: makeContextId(world.unit, executionName(subject, relation?.endpoint ?? ''), random),
      log: () => undefined,
      files: localFiles(),
      now: () => new Date(0),
    });
    const environment = await buildEnvironment(context, paths, recorded.hostEnv);
    const comparison = new Comparison(recorded.id);
    const actual = environment.map((pair) => pair.replaceAll(random.toString('hex'), '<32 hex digits>'));
    comparison.expect('variables', recorded.vars, actual);
    if (comparison.differences.length === 0) matched++;
    differences.push(...comparison.differences);
  }
  return { matched, total: lines.length, differences };
}
