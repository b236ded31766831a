import { liveUniterApi } from '../agent/api/live-uniter-api';
import { enterScope, leaveScope, relationKey, relationsOf, remoteMembers, unitOf } from '../model';
import { WorldStore } from '../store/world-store';
import { localFiles } from '../tools/agent-files';
import { UniterApiError } from '../tools/api-error';
import { HookContext } from '../tools/hook-context';
import { jujuTools } from '../tools/registry';
import { runTool } from '../tools/run-tool';
import { Placeholders } from './placeholders';
import { type RecordedContext, subjectOf } from './recorded-world';
import type { Difference, VerifyResult } from './result';
import { serverWorld } from './server-world';

/** A preparation: the agent's call, and what it answered. */
interface RecordedSetup {
  readonly setup: 'RelationsStatus' | 'EnterScope' | 'LeaveScope';
  readonly unit: string;
  /** Key of the relation. */
  readonly relation?: string;
  readonly result: unknown;
}

/** A hook of one unit: its tool calls, and the controller's answer to the commit. */
interface RecordedHook {
  readonly id: string;
  /** The unit. */
  readonly as: string;
  readonly leader: boolean;
  readonly context: RecordedContext;
  readonly tools: readonly {
    readonly tool: string;
    readonly argv: readonly string[];
    readonly exit: number;
    readonly stdout: string;
    readonly stderr: string;
  }[];
  readonly commitError: string | null;
}

/** Statuses are as old as the model; the recordings have no times. */
const now = '2026-01-01T00:00:00.000Z';

/** Replays lines one after another on one live model: each builds on the state that those before it left. */
class ServerReplay {
  readonly store = new WorldStore(serverWorld(now));
  readonly placeholders = new Placeholders();
  readonly differences: Difference[] = [];

  /** @returns whether the line matched. */
  async replay(line: RecordedSetup | RecordedHook, number: number): Promise<boolean> {
    const before = this.differences.length;
    if ('setup' in line) this.#setup(line, `line ${String(number)}`);
    else await this.#hook(line);
    return this.differences.length === before;
  }

  #setup({ setup, unit, relation: key, result }: RecordedSetup, id: string): void {
    const { world } = this.store;
    const relation = Object.values(world.relations).find((each) => relationKey(each) === key);
    if (setup === 'RelationsStatus') {
      const results = relationsOf(world, unitOf(world, unit).application).map((each) => ({
        'relation-tag': `relation-${relationKey(each).replaceAll(':', '.').replace(' ', '#')}`,
        'in-scope': each.inScope.includes(unit),
        suspended: each.suspended,
      }));
      this.#expect(id, setup, JSON.stringify(result), JSON.stringify({ results: [{ results }] }));
    } else if (relation === undefined) this.#expect(id, setup, `relation ${key ?? ''}`, 'no such relation');
    else
      this.store.change((draft) =>
        setup === 'EnterScope' ? enterScope(draft, relation.id, unit, now) : leaveScope(draft, relation.id, unit),
      );
  }

  async #hook(line: RecordedHook): Promise<void> {
    const { id, as: unit } = line;
    this.#setLeader(unit, line.leader);
    const { store } = this;
    const api = liveUniterApi(store, unit, {
      alive: () => true,
      now: () => now,
      agentVersion: '4.1-beta2',
      apiAddresses: [],
      members: (relation) => remoteMembers(store.world, relation, unitOf(store.world, unit)),
      knownLife: (relation) => store.world.relations[String(relation)]?.life ?? 'dead',
      inScope: (relation) => store.world.relations[String(relation)]?.inScope.includes(unit) === true,
      onStatusSet: () => undefined,
      downloadResource: (name) => Promise.reject(new Error(`no resource ${name} in this world`)),
      requestReboot: () => Promise.resolve(),
      beforeCommit: () => undefined,
    });
    const context = await HookContext.create({
      api,
      subject: subjectOf(line.context),
      contextId: 'replay',
      log: () => undefined,
      files: localFiles(),
      now: () => new Date(now),
    });
    for (const [index, { tool, argv, ...recorded }] of line.tools.entries()) {
      const args = argv.map((argument) => this.placeholders.fill(argument));
      const result = await runTool(jujuTools, context, { tool, args, dir: '/', stdin: undefined });
      if (result === 'stdin required') throw new Error(`${id}: ${tool} asks for stdin, which the recording has not.`);
      const where = `${String(index)} ${tool} ${args.join(' ')}`;
      this.#expect(id, `${where}: exit`, String(recorded.exit), String(result.code));
      this.#expect(id, `${where}: stdout`, recorded.stdout, result.stdout, tool === 'secret-ids');
      this.#expect(id, `${where}: stderr`, recorded.stderr, result.stderr);
    }
    const changes = context.pendingChanges();
    const refused =
      changes === undefined
        ? undefined
        : await api.commitHookChanges(changes).then(
            () => undefined,
            (error: unknown) => {
              if (error instanceof UniterApiError) return error.message;
              throw error;
            },
          );
    this.#expect(id, 'commit', line.commitError ?? 'accepted', refused ?? 'accepted');
  }

  /** Leadership was fixed in the recordings: a line says what its unit had. */
  #setLeader(unit: string, leader: boolean): void {
    this.store.change((world) => {
      const application = world.applications[unitOf(world, unit).application];
      if (application === undefined) return;
      if (leader) application.leader = unit;
      else if (application.leader === unit) application.leader = null;
    });
  }

  /** @param anyOrder the lines come in random order, as ids of secrets do */
  #expect(id: string, where: string, recorded: string, actual: string, anyOrder = false): void {
    const orders = anyOrder ? permutations(actual.split('\n').slice(0, -1)) : [];
    const candidates = [actual, ...orders.map((lines) => lines.map((each) => `${each}\n`).join(''))];
    if (candidates.some((candidate) => this.placeholders.match(recorded, candidate))) return;
    this.differences.push({ id, where, expected: this.placeholders.fill(recorded), actual });
  }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}

/** Replays recorded answers of the real controller (server.jsonl) on the live model behind the live API. */
export async function verifyServer(lines: readonly unknown[]): Promise<VerifyResult> {
  const replay = new ServerReplay();
  let matched = 0;
  for (const [index, line] of lines.entries())
    if (await replay.replay(line as RecordedSetup | RecordedHook, index + 1)) matched += 1;
  return { matched, total: lines.length, differences: replay.differences };
}
