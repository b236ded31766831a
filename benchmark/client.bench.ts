import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from './main';
import { median, pairedRatio } from './sample';

const units = 100;
const rounds = 9;

/** The command line: what a client process costs, and `juju status` of many units. Each round measures all, one right after the other. */
export function clientBenchmarks(repository: string): Promise<Measurement> {
  const bin = join(repository, 'packages', 'juju-emulator', 'bin');
  const place = mkdtempSync(join(tmpdir(), 'client-bench-'));
  const env = { ...process.env, JUJU_EMULATOR_DATA: join(place, 'data') };
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const timed = (program: string, ...args: string[]): number => {
    const start = performance.now();
    run(program, ...args);
    return performance.now() - start;
  };
  const charm = join(place, 'idle');
  mkdirSync(charm);
  writeFileSync(join(charm, 'metadata.yaml'), 'name: idle\nsummary: s\ndescription: d\n');
  writeFileSync(join(charm, 'dispatch'), '#!/bin/sh\n');
  chmodSync(join(charm, 'dispatch'), 0o755);
  try {
    run(join(bin, 'juju'), 'add-model', '--light', 'bench');
    run(join(bin, 'juju'), 'deploy', charm, '-n', String(units));
    run(join(bin, 'juju-emulator'), 'wait', '--timeout', '10m');
    const samples = {
      node: { name: 'node -e 0', values: [] as number[] },
      version: { name: 'juju version', values: [] as number[] },
      status: { name: `juju status of ${units} units`, values: [] as number[] },
      json: { name: `juju status --format json of ${units} units`, values: [] as number[] },
    };
    for (let round = 0; round < rounds; round += 1) {
      samples.node.values.push(timed(process.execPath, '-e', '0'));
      samples.version.values.push(timed(join(bin, 'juju'), 'version'));
      samples.status.values.push(timed(join(bin, 'juju'), 'status'));
      samples.json.values.push(timed(join(bin, 'juju'), 'status', '--format', 'json'));
    }
    return Promise.resolve({
      samples: Object.values(samples),
      ratios: [
        { name: 'juju status to node -e 0', value: pairedRatio(samples.status, samples.node) },

        { name: `juju status of ${units} units, seconds`, value: median(samples.status.values) / 1000, aim: 0.3 },
      ],
      remarks: [],
    });
  } finally {
    run(join(bin, 'juju-emulator'), 'clean', '--model', 'bench');
    rmSync(place, { recursive: true, force: true });
  }
}
