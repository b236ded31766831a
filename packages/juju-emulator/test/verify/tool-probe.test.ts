import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Emulator } from '../../src/index';
import { type KnownDifferences, reasonFor } from '../../src/cli/verbs/verify';
import { Normaliser, answerOf } from '../../src/verify/controller/answers';
import type { RecordedCall, RecordedHook } from '../../src/verify/controller/recording';
import { StageSet } from '../../src/verify/controller/stage-set';
import { destroyAll, lightEmulator } from '../support/light';
import { hasCompiler } from '../tools/compiler';
import { goldenFile } from '../tools/golden-files';

/** Calls of hook tools inside one `juju exec`, good and bad, in order. */
interface Probe {
  readonly unit: string;
  readonly other: string;
  readonly rid: string;
  readonly env: Readonly<Record<string, string>>;
  readonly calls: readonly RecordedCall[];
}

/** Makes the calls of a file as the recording did, and writes what they answered beside it. */
const caller = `import json, subprocess, sys
def run(cmd):
    try:
        p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        return {"cmd": cmd, "rc": p.returncode, "out": p.stdout, "err": p.stderr}
    except OSError as e:
        return {"cmd": cmd, "rc": 127, "out": "", "err": "exec: " + str(e)}
answers = [run(cmd) for cmd in json.load(open(sys.argv[1]))]
json.dump(answers, open(sys.argv[2], "w"))
`;

const recording = goldenFile('controller');
const known = JSON.parse(readFileSync(join(__dirname, '../known-probe-differences.json'), 'utf8')) as KnownDifferences;
const probeOf = (name: string): Probe =>
  JSON.parse(readFileSync(join(recording ?? '', 'tools', name), 'utf8')) as Probe;

/** What a call answered in JSON, the first time. */
function answered<T>({ calls }: Probe, words: string): T {
  const call = calls.find(({ cmd, rc }) => rc === 0 && cmd.join(' ') === `${words} --format=json`);
  if (call === undefined) throw new Error(`the recording has no "${words}"`);
  return JSON.parse(call.out) as T;
}

/** What makes texts comparable: where the units are and where the asked one has its files. */
function normaliser({ env, calls }: Pick<Probe, 'env' | 'calls'>): (call: RecordedCall) => string {
  const words = new Normaliser([{ unit: '', env, tools: calls } as unknown as RecordedHook]);
  return (call) =>
    answerOf({ ...call, out: call.out.replace(/(?<=interfacename: ).+/g, '<interface>') }, words)
      .replace(/\b(\d{1,3}\.){3}\d{1,3}\b/g, '<address>')
      .replace(/(?<=command: python3).*(\n {2}.*)*/, ' <script>');
}

let set: StageSet | undefined;
afterEach(async () => {
  await destroyAll();
  await set?.remove();
});

async function run(emulator: Emulator, unit: string, command: string): Promise<void> {
  const { results } = await emulator.exec(unit, command);
  expect([command, results['return-code'], results['stderr']]).toEqual([command, 0, undefined]);
}

/** Writes into a bag what the recording reads there and no hook of the charm wrote. */
const writeBag = (bag: Readonly<Record<string, string>>, app = ''): string => {
  const own = Object.entries(bag).filter(([key]) => /^(bench|one|two|[as]\d+)$/.test(key));
  return `relation-set -r ring:0 ${app} ${own.map(([key, value]) => `${key}=${value}`).join(' ')}`;
};

/**
 * The recording's model when the calls were made: units 0 to 3 of an application, of which 2 is gone, 1 leads and 0 is gone for
 * the controller only (the README beside it tells why the leader had not seen that).
 */
async function sameSituation(directory: string, leader: Probe): Promise<Emulator> {
  const emulator = await lightEmulator();
  set = await StageSet.prepare(directory);
  const blob = join(set.directory, 'blob.txt');
  writeFileSync(blob, 'blob\n');
  const application = await emulator.deploy(join(set.directory, 'probe2'), {
    units: 3,
    storage: { data: 'rootfs,100M' },
    resources: { blob },
  });
  await emulator.addUnit(application);
  await emulator.settle();
  const first = emulator.world.applications[application]?.leader ?? '';
  await run(emulator, first, writeBag(answered(leader, 'relation-get -r ring:0 --app - probe'), '--app'));
  await run(emulator, `${application}/0`, writeBag(answered(leader, 'relation-get -r ring:0 - probe/0')));
  for (const unit of ['probe/1', 'probe/3']) await run(emulator, unit, 'relation-set -r ring:0 bench=x');
  for (const unit of ['probe/1', 'probe/3']) await run(emulator, unit, 'state-set bench=x');
  await emulator.setConfig(application, answered(leader, 'config-get'));
  await emulator.removeUnit(`${application}/2`);
  await emulator.settle();
  if (emulator.world.applications[application]?.leader !== leader.unit)
    emulator.controller.moveLeader(application, leader.unit);
  await emulator.settle();
  await run(emulator, leader.unit, 'secret-add --label l1 --owner application password=hunter2 user=bob');
  return emulator;
}

async function play(emulator: Emulator, { unit, calls }: Probe): Promise<RecordedCall[]> {
  const [asked, answers, script] = ['asked.json', 'answers.json', 'caller.py'].map((name) =>
    join(set?.directory ?? '', name),
  ) as [string, string, string];
  writeFileSync(script, caller);
  writeFileSync(asked, JSON.stringify(calls.map(({ cmd }) => cmd)));
  const task = await emulator.startAction(unit, 'juju-exec', {
    command: `python3 ${script} ${asked} ${answers}`,
    timeout: 3e11,
  });
  emulator.controller.hold(unit, false);
  await emulator.taskEnd(task);
  return JSON.parse(readFileSync(answers, 'utf8')) as RecordedCall[];
}

/** Each call that is answered in another way and is not known to be. */
function differences(recorded: Probe, played: Probe): string[] {
  const [theirs, ours] = [normaliser(recorded), normaliser(played)];
  return recorded.calls.flatMap((call, index) => {
    const own = played.calls[index];
    const words = call.cmd.join(' ');
    const [expected, actual] = [theirs(call), own === undefined ? '' : ours(own)];
    if (expected === actual || reasonFor(`${recorded.unit} ${words}`, known) !== undefined) return [];
    return [`${recorded.unit} ${words}\n  recorded ${expected}\n  emulator ${actual}`];
  });
}

describe('hook tools inside juju exec, called as in a recording', () => {
  (recording === undefined || !hasCompiler ? test.skip : test)(
    'the leader and another unit are answered alike',
    async () => {
      const [leader, other] = [probeOf('leader-probe-1.json'), probeOf('nonleader-probe-3.json')];
      const emulator = await sameSituation(recording ?? '', leader);
      // The leader does not hear of the departure before it is asked.
      emulator.controller.hold(leader.unit, true);
      await emulator.removeUnit('probe/0');
      await emulator.settle();
      const found: string[] = [];
      for (const probe of [leader, other]) {
        const machine = emulator.machineOf(probe.unit);
        const env = {
          JUJU_CHARM_DIR: `${machine.jujuDir}/agents/x`,
          JUJU_MACHINE_ID: probe.env['JUJU_MACHINE_ID'] ?? '',
        };
        const calls = await play(emulator, probe);
        await emulator.settle();
        expect(calls).toHaveLength(probe.calls.length);
        found.push(...differences(probe, { ...probe, env, calls }));
      }
      process.stdout.write(`${found.join('\n')}\n`);
      expect(found).toEqual([]);
    },
    300_000,
  );
});

/** A line of the recording: its heading, and what was printed below it. */
const sections = (text: string): Map<string, string> =>
  new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((part): [string, string] => {
        const end = part.indexOf('\n');
        return [part.slice(0, end), part.slice(end + 1)];
      }),
  );

describe('outside a hook', () => {
  const text = recording === undefined ? '' : readFileSync(join(recording, 'tools/outside-a-hook.txt'), 'utf8');
  (recording === undefined || !hasCompiler ? test.skip : test)('tools and juju-exec answer as recorded', async () => {
    const recorded = sections(text);
    const emulator = await lightEmulator();
    set = await StageSet.prepare(recording ?? '');
    const resources = { blob: join(set.directory, 'blob.txt') };
    writeFileSync(resources.blob, 'blob\n');
    const application = await emulator.deploy(join(set.directory, 'probe2'), { resources });
    await emulator.settle();
    const unit = `${application}/0`;
    const { jujuDir } = emulator.machineOf(unit);
    const base = join(jujuDir, 'agents/unit-probe-0');
    const here = (answer: string): string =>
      answer.replaceAll('/var/lib/juju', jujuDir).replaceAll('unit-probe-4', 'unit-probe-0');
    const tool = join(jujuDir, 'tools/unit-probe-0/is-leader');
    const context = { JUJU_CONTEXT_ID: `${unit}-start-1` };
    const socket = { JUJU_AGENT_SOCKET_ADDRESS: join(base, 'agent.socket'), JUJU_AGENT_SOCKET_NETWORK: 'unix' };
    const jujuExec = join(jujuDir, 'tools/juju-exec');
    const calls: readonly (readonly [string, string, readonly string[], Record<string, string>])[] = [
      ['is-leader without any context', tool, [], {}],
      ['JUJU_CONTEXT_ID but no socket', tool, [], context],
      ['stale/unknown context id', tool, [], { ...context, ...socket }],
      ['juju-exec probe/4 relation-ids ring', jujuExec, [unit, 'relation-ids', 'ring'], {}],
      ['juju-exec -u nosuch/0', jujuExec, ['-u', 'nosuch/0', 'true'], {}],
      ['juju-exec exit code 7', jujuExec, [unit, 'echo o; echo e >&2; exit 7'], {}],
    ];
    for (const [heading, program, args, env] of calls) {
      const { all, exitCode } = await execa(program, args, { all: true, reject: false, env, extendEnv: false });
      const expected = /^[^]*?rc=\d+\n/.exec(recorded.get(heading) ?? '')?.[0];
      // The recording's streams went to one file: which of two lines came first is open.
      const lines = (answer = ''): string[] => answer.split('\n').sort();
      expect([heading, lines(`${all}\nrc=${String(exitCode)}\n`)]).toEqual([heading, lines(here(expected ?? ''))]);
    }
    // The socket of hook tools is there only while a hook runs.
    expect(readdirSync(base)).toContain('run.socket');
    expect(readdirSync(base)).not.toContain('agent.socket');
  });
});
