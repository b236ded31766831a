import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emulator } from 'juju-emulator';
import type { Measurement } from './main';
import { pairedRatio } from './sample';

const rounds = 3;
/** Units on either side of one relation. */
const sides = { many: 95, few: 5 };

function shellCharm(directory: string, name: string, role: string): string {
  const path = join(directory, name);
  mkdirSync(path);
  writeFileSync(
    join(path, 'metadata.yaml'),
    `name: ${name}\nsummary: s\ndescription: d\n${role}:\n  link: {interface: link}\n`,
  );
  writeFileSync(join(path, 'dispatch'), '#!/bin/sh\nexit 0\n');
  chmodSync(join(path, 'dispatch'), 0o755);
  return path;
}

/** A model of a hundred units in light mode from deploy to idle, and as many `/bin/true` as it ran hooks, right after it. */
export async function lightModelBenchmarks(): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), 'light-bench-'));
  const hooks: number[] = [];
  const truths: number[] = [];
  let count = 0;
  try {
    const many = shellCharm(directory, 'many', 'requires');
    const few = shellCharm(directory, 'few', 'provides');
    for (let round = 0; round < rounds; round += 1) {
      await using model = await Emulator.create({ seed: round, light: true });
      let began = performance.now();
      await model.deploy(many, { units: sides.many });
      await model.deploy(few, { units: sides.few });
      await model.integrate('many', 'few');
      await model.settle({ timeoutMs: 900_000 });
      count = model
        .journal()
        .filter(({ event, detail }) => event === 'operation' && detail?.['kind'] === 'run-hook').length;
      hooks.push((performance.now() - began) / count);
      began = performance.now();
      for (let each = 0; each < count; each += 1) await once(spawn('/bin/true', { stdio: 'ignore' }), 'exit');
      truths.push((performance.now() - began) / count);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return {
    samples: [
      { name: `a hook, light mode, 100 units, ${count} hooks in all`, values: hooks },
      { name: '/bin/true from Node, as often', values: truths },
    ],
    ratios: [
      { name: 'a hook / true', value: pairedRatio({ name: '', values: hooks }, { name: '', values: truths }) },
      { name: 'seconds from deploy to idle', value: (Math.min(...hooks) * count) / 1000 },
    ],
    remarks: ['Hooks of different machines run side by side; the rest is looking, committing and starting processes.'],
  };
}
