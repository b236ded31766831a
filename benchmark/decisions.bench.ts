import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ascendingOrder,
  type Decision,
  type LocalState,
  nextOperation,
  type RemoteSnapshot,
} from '../packages/juju-emulator/src/uniter';
import { TraceAgent } from '../packages/juju-emulator/src/verify/trace-agent';
import type { Trace } from '../packages/juju-emulator/src/verify/trace-format';
import type { Measurement } from './main';
import { median } from './sample';

const rounds = 9;
const aimed = 10_000;

interface Look {
  readonly local: LocalState;
  readonly remote: RemoteSnapshot;
  readonly decision: Decision['kind'];
}

/** Plays traces and keeps what its agents looked at, in order: hooks that fail, agents that are killed, units that go. */
class Watched extends TraceAgent {
  constructor(
    trace: Trace,
    private readonly looks: Look[],
  ) {
    super(trace.initial, ascendingOrder);
  }

  protected override decide(local: LocalState, remote: RemoteSnapshot): Decision {
    const decision = super.decide(local, remote);
    this.looks.push({ local, remote, decision: decision.kind });
    return decision;
  }
}

function play<Agent extends TraceAgent>(traces: readonly Trace[], agentFor: (trace: Trace) => Agent): void {
  for (const trace of traces) {
    const agent = agentFor(trace);
    for (const step of trace.steps) agent.step(step.change);
  }
}

/**
 * Decisions of the uniter as they come while agents work: every look of all recorded traces, at the state and the snapshot
 * it had, most of them with something to do. The same looks are then measured with all they lead to: statuses, hooks of a charm that takes no
 * time, commits, state files.
 */
export function decisionBenchmarks(repository: string): Promise<Measurement> {
  const golden = process.env['GOLDEN_DIR'] ?? join(repository, '..', 'shared', 'golden');
  const files = ['traces.jsonl', 'traces-random.jsonl'].map((name) => join(golden, name)).filter(existsSync);
  if (files.length === 0) {
    const remarks = [`decisions: skipped, no traces in ${golden} (set GOLDEN_DIR)`];
    return Promise.resolve({ samples: [], ratios: [], remarks });
  }
  const traces = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Trace),
  );
  const looks: Look[] = [];
  play(traces, (trace) => new Watched(trace, looks));
  const busy = looks.filter(({ decision }) => decision === 'operation');
  const timed = (work: () => void): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  const decide = (some: readonly Look[]) => (): void => {
    for (const { local, remote } of some) nextOperation(local, remote, ascendingOrder);
  };
  const all = { name: `${String(looks.length)} decisions of all traces`, values: [] as number[] };
  const working = { name: `${String(busy.length)} of them with something to do`, values: [] as number[] };
  const whole = { name: 'the traces played: what decisions lead to, too', values: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    all.values.push(timed(decide(looks)));
    working.values.push(timed(decide(busy)));
    whole.values.push(timed(() => play(traces, (trace) => new TraceAgent(trace.initial, ascendingOrder))));
  }
  const secondsFor = (values: readonly number[], count: number): number => ((median(values) / 1000) * aimed) / count;
  return Promise.resolve({
    samples: [all, working, whole],
    ratios: [
      { name: 'seconds for 10,000 decisions, all looks', value: secondsFor(all.values, looks.length), aim: 1 },
      { name: 'seconds for 10,000 decisions, busy looks', value: secondsFor(working.values, busy.length), aim: 1 },
      { name: 'seconds for 10,000 decisions, carried out', value: secondsFor(whole.values, looks.length), aim: 1 },
      { name: 'seconds for all traces (aim: all in 10)', value: median(whole.values) / 1000, aim: 10 },
    ],
    remarks: [`${String(traces.length)} traces`],
  });
}
