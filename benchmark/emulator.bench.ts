import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentPaths } from '../packages/juju-emulator/src/agent/agent-paths';
import { StateFile } from '../packages/juju-emulator/src/agent/state-file';
import { snapshotFor } from '../packages/juju-emulator/src/agent/snapshot';
import { Emulator } from '../packages/juju-emulator/src/index';
import { ascendingOrder, bagVersion, nextOperation, startAgent } from '../packages/juju-emulator/src/uniter';
import type { Measurement } from './main';
import { median, pairedRatio } from './sample';

const calls = 100;
const decisions = 20_000;
const rounds = 5;
const many = 100;

/** Times both commands in turn, as real Juju's were timed: from fork to exit, in Python. */
const timer = `import subprocess, time, json
out = {"tool": [], "true": []}
for _ in range(${calls}):
    for name, argv in (("tool", ["is-leader"]), ("true", ["/bin/true"])):
        s = time.perf_counter()
        subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        out[name].append((time.perf_counter() - s) * 1000)
subprocess.run(["action-set", "times=" + json.dumps(out)])
`;

function charm(directory: string): string {
  const path = join(directory, 'timed');
  mkdirSync(path);
  writeFileSync(
    join(path, 'metadata.yaml'),
    'name: timed\nsummary: s\ndescription: d\npeers: {ring: {interface: ring}}\n',
  );
  writeFileSync(join(path, 'config.yaml'), 'options: {level: {type: int, default: 0}}\n');
  writeFileSync(join(path, 'actions.yaml'), 'time: {description: times a hook tool}\n');
  writeFileSync(join(path, 'timer.py'), timer);
  writeFileSync(join(path, 'dispatch'), '#!/bin/sh\n[ "$JUJU_ACTION_NAME" != time ] || exec python3 timer.py\n');
  chmodSync(join(path, 'dispatch'), 0o755);
  return path;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The emulator by itself, in light mode: hook tools, decisions, coming to rest, many units. */
export async function emulatorBenchmarks(): Promise<Measurement> {
  const place = mkdtempSync(join(tmpdir(), 'emulator-bench-'));
  const path = charm(place);
  const tool = { name: 'one hook-tool call (is-leader)', values: [] as number[] };
  const baseline = { name: '/bin/true', values: [] as number[] };
  const looks = { name: `${decisions} resting looks, each at the model anew`, values: [] as number[] };
  const idle = { name: 'three idle units: config to rest again', values: [] as number[] };
  const crowd = { name: `${many} units from deploy to rest`, values: [] as number[] };
  let hooks = 0;
  try {
    await using emulator = await Emulator.create({ seed: 1, light: true });
    await emulator.deploy(path, { units: 3 });
    await emulator.settle();
    const { results } = await emulator.runAction('timed/0', 'time');
    const times = JSON.parse(String(results['times'])) as { tool: number[]; true: number[] };
    tool.values.push(...times.tool);
    baseline.values.push(...times.true);
    const agent = {
      bootId: 'b',
      updateStatusTicks: 0,
      retryCount: 0,
      commands: [],
      secrets: { expired: [], rotate: [], consumed: {}, obsolete: {}, deleted: [] },
    };
    const look = () => snapshotFor(emulator.world, 'timed/0', agent, bagVersion);
    const machine = emulator.machineOf('timed/0');
    const disk = new StateFile(machine.hostPath(agentPaths(machine.jujuDir, 'timed/0').state));
    const local = startAgent(disk.read(), look());
    for (let round = 1; round <= rounds; round += 1) {
      const start = performance.now();
      for (let each = 0; each < decisions; each += 1) nextOperation(local, look(), ascendingOrder);
      looks.values.push(performance.now() - start);
      await emulator.setConfig('timed', { level: round });
      idle.values.push(await timed(() => emulator.settle()));
    }
    await using crowded = await Emulator.create({ seed: 1, light: true });
    writeFileSync(join(path, 'metadata.yaml'), 'name: timed\nsummary: s\ndescription: d\n');
    crowd.values.push(
      await timed(async () => {
        await crowded.deploy(path, { units: many });
        await crowded.settle({ timeoutMs: 600_000 });
      }),
    );
    hooks = crowded
      .journal()
      .filter(({ event, detail }) => event === 'operation' && detail?.['kind'] === 'run-hook').length;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  return {
    samples: [tool, baseline, looks, idle, crowd],
    ratios: [
      { name: 'one hook-tool call, milliseconds', value: median(tool.values), aim: 4 },
      { name: 'hook-tool call to /bin/true', value: pairedRatio(tool, baseline) },
      {
        name: 'seconds for 10,000 resting looks at the model',
        value: (median(looks.values) / 1000 / decisions) * 10_000,
        aim: 1,
      },
    ],
    remarks: [`${many} units ran ${hooks} hooks: ${((crowd.values[0] ?? 0) / hooks).toFixed(1)} ms each`],
  };
}

/** Milliseconds from deploy until the unit's first hook begins, by the clock that host and machine share. */
async function firstHook(path: string, seed: number, light: boolean): Promise<number> {
  await using emulator = await Emulator.create({ seed, light, model: `bench-${process.pid}-${seed}-${String(light)}` });
  const start = Date.now();
  await emulator.deploy(path);
  await emulator.settle({ timeoutMs: 120_000 });
  const machine = emulator.machineOf('first/0');
  const began = readFileSync(machine.hostPath(join(machine.jujuDir, 'agents', 'unit-first-0', 'began')), 'utf8');
  return Number(began) * 1000 - start;
}

/** A machine made from the cached image, until its unit's first hook begins; in light mode the same without a machine. */
export async function machineBenchmarks(): Promise<Measurement> {
  const place = mkdtempSync(join(tmpdir(), 'machine-bench-'));
  const real = { name: 'from deploy to the first hook, a machine', values: [] as number[] };
  const light = { name: 'from deploy to the first hook, light mode', values: [] as number[] };
  try {
    const path = join(place, 'first');
    mkdirSync(path);
    writeFileSync(join(path, 'metadata.yaml'), 'name: first\nsummary: s\ndescription: d\n');
    writeFileSync(join(path, 'dispatch'), '#!/bin/sh\n[ -e ../began ] || date +%s.%N > ../began\n');
    chmodSync(join(path, 'dispatch'), 0o755);
    // The first time the image and the clients may have to be made; that is not counted.
    await firstHook(path, 0, false);
    for (let round = 1; round <= rounds; round += 1) {
      real.values.push(await firstHook(path, round, false));
      light.values.push(await firstHook(path, round, true));
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  return {
    samples: [real, light],
    ratios: [
      { name: 'from a cached image to the first hook, seconds', value: median(real.values) / 1000, aim: 3 },
      { name: 'a machine to light mode', value: pairedRatio(real, light) },
    ],
    remarks: [],
  };
}
