import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { clusterBenchmarks } from './cluster.bench';
import { head, row, type Sample } from './sample';

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

/** Runs everything, prints the table, keeps the JSON. */
export async function main(repository: string, _names: readonly string[]): Promise<void> {
  const measured = await clusterBenchmarks(repository);
  console.log(head);
  for (const sample of measured.samples) console.log(row(sample));
  console.log('');
  for (const { name, value, aim } of measured.ratios) {
    const verdict = aim === undefined ? '' : value <= aim ? `  (aim ${aim}: met)` : `  (aim ${aim}: MISSED)`;
    console.log(`${name.padEnd(52)}${value.toFixed(2).padStart(9)}${verdict}`);
  }
  for (const remark of measured.remarks) console.log(remark);
  const file = join(repository, 'benchmark', 'results', 'cluster.json');
  const machine = { cores: cpus().length, processor: cpus()[0]?.model ?? '', node: process.version };
  writeFileSync(file, `${JSON.stringify({ machine, ...measured }, null, 2)}\n`);
  console.log(`\n${file}`);
}
