import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { clientBenchmarks } from './client.bench';
import { clusterBenchmarks } from './cluster.bench';
import { decisionBenchmarks } from './decisions.bench';
import { lightModelBenchmarks } from './light-model.bench';
import { emulatorBenchmarks, machineBenchmarks } from './emulator.bench';
import { restoreBenchmarks } from './restore.bench';
import { head, row, type Sample } from './sample';
import { snapshotBenchmarks } from './snapshot.bench';

export { snapshotProcess } from './snapshot.bench';

/** One ratio with what was aimed for, if anything was. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly aim?: number;
}

export interface Measurement {
  readonly samples: readonly Sample[];
  readonly ratios: readonly Ratio[];
  /** Where the time goes, in words with numbers. */
  readonly remarks: readonly string[];
}

/** What can be measured, by the name given to `npm run bench`. */
const benchmarks: Readonly<Record<string, (repository: string) => Promise<Measurement>>> = {
  client: clientBenchmarks,
  cluster: clusterBenchmarks,
  'light-model': lightModelBenchmarks,
  decisions: decisionBenchmarks,
  emulator: emulatorBenchmarks,
  machine: machineBenchmarks,
  snapshot: snapshotBenchmarks,
  restore: restoreBenchmarks,
};

/** What makes machines. */
const needRoot: ReadonlySet<string> = new Set(['machine']);

/** Why a benchmark cannot be run here, in a line; undefined if it can. */
function obstacle(name: string): string | undefined {
  return needRoot.has(name) && process.getuid?.() !== 0 ? `${name}: skipped, machines need root` : undefined;
}

export const names: readonly string[] = Object.keys(benchmarks);

export const usage = `
npm run bench [-- NAME...]

Runs the paired measurements, all or only those named: ${names.join(', ')}.
Tables on standard output, the JSON of each in benchmark/results/. Those that make machines need root.
`;

/** Runs what was named, or everything; prints tables, keeps the JSON of each. */
export async function main(repository: string, named: readonly string[]): Promise<void> {
  const machine = { cores: cpus().length, processor: cpus()[0]?.model ?? '', node: process.version };
  for (const [name, measure] of Object.entries(benchmarks)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const why = obstacle(name);
    if (why !== undefined) {
      // Who asked for it by its name is told by the exit code, too.
      if (named.length > 0) process.exitCode = 1;
      console.log(why);
      continue;
    }
    const measured = await measure(repository);
    console.log(head);
    for (const sample of measured.samples) console.log(row(sample));
    console.log('');
    for (const ratio of measured.ratios) {
      const { aim, value } = ratio;
      const verdict = aim === undefined ? '' : value <= aim ? `  (aim ${aim}: met)` : `  (aim ${aim}: MISSED)`;
      console.log(`${ratio.name.padEnd(52)}${value.toFixed(2).padStart(9)}${verdict}`);
    }
    for (const remark of measured.remarks) console.log(remark);
    const file = join(repository, 'benchmark', 'results', `${name}.json`);
    writeFileSync(file, `${JSON.stringify({ machine, ...measured }, null, 2)}\n`);
    console.log(`\n${file}`);
  }
}
