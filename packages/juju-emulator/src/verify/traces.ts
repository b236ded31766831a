import { isDeepStrictEqual } from 'node:util';
import { ascendingOrder, type Order } from '../uniter';
import type { Difference, VerifyResult } from './result';
import { TraceAgent } from './trace-agent';
import { hookLine, type Trace } from './trace-format';

/**
 * Replays recorded hook traces on the uniter. Compared are the hooks, how the agent comes to rest, its state, and the agent's and
 * workload's statuses in order. Where several orders were recorded, any of them is right; statuses are compared for the one that has them,
 * and not where the recorded agent crashed of itself: a crash is no behaviour to copy.
 * @param lines parsed lines of a trace file
 * @param order decides where Juju's order is unspecified
 */
export function verifyTraces(lines: readonly unknown[], order: Order = ascendingOrder): VerifyResult {
  const differences: Difference[] = [];
  let matched = 0;
  for (const line of lines) {
    const found = differencesOf(line as Trace, order);
    if (found.length === 0) matched++;
    differences.push(...found);
  }
  return { matched, total: lines.length, differences };
}

function differencesOf(trace: Trace, order: Order): Difference[] {
  const differences: Difference[] = [];
  try {
    const agent = new TraceAgent(trace.initial, order);
    trace.steps.forEach((step, index) => {
      const actual = agent.step(step.change);
      const compare = (what: string, expected: unknown, found: unknown) => {
        if (isDeepStrictEqual(expected, found)) return;
        differences.push({
          id: trace.id,
          where: `step ${String(index)} ${what}`,
          expected: JSON.stringify(expected),
          actual: JSON.stringify(found),
        });
      };
      const orders = trace.unorderedGroups?.find((group) => group.step === index)?.ordersSeen;
      const lines = actual.hooks.map(hookLine);
      const sameOrder = isDeepStrictEqual(step.hooks ?? [], actual.hooks);
      if (!(orders?.some((seen) => isDeepStrictEqual(seen, lines)) ?? false))
        compare('hooks', step.hooks ?? [], actual.hooks);
      compare('end', step.end, actual.end);
      compare('state', step.state, actual.state);
      const statuses = (step.log ?? []).filter((entry) => /^(agent|workload)-status: /.test(entry));
      const crashed = step.log?.some((entry) => entry.startsWith('AGENT PANICS')) ?? false;
      if (!crashed && (sameOrder || orders === undefined)) compare('statuses', statuses, actual.statuses);
    });
  } catch (error) {
    differences.push({
      id: trace.id,
      where: 'replay',
      expected: 'no error',
      actual: error instanceof Error ? error.message : String(error),
    });
  }
  return differences;
}
