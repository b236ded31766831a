import { mkdirSync } from 'node:fs';
import { ApiServer } from '../../controller/api-server';
import { Emulator } from '../../controller/emulator';
import { controllerMethods } from '../../controller/methods';
import { modelDirectory } from '../../controller/model-directory';
import { addMachine } from '../../model/machine-life';
import {
  type Batch,
  type ControllerRecording,
  type RecordedCommand,
  type RecordedHook,
  refused,
  waits,
} from './recording';
import { machineDown, machineUp } from './implied-commands';
import { StageSet } from './stage-set';
import { alignLeaders, steerElections, steerSubordinates } from './steering';

/** What a command line came back with. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one `juju` command line against the model named by JUJU_MODEL. */
export type Operate = (argv: readonly string[]) => Promise<CommandResult>;

/** What the emulator did in one recorded batch. */
export interface PlayedBatch {
  readonly batch: Batch;
  readonly hooks: readonly RecordedHook[];
  readonly results: readonly PlayedResult[];
}

/** Where and how commands are given. */
interface PlayedStage {
  readonly set: StageSet;
  /** Ids that the recording drew -> the emulator's. */
  readonly names: Map<string, string>;
  readonly operate: Operate;
}

interface PlayedResult {
  readonly id: string;
  readonly result: CommandResult;
}

export interface PlayOptions {
  readonly operate: Operate;
  readonly seed: number;
  /** Only batches with a hook in them, up to this many; all by default. */
  readonly until?: string;
  readonly onBatch?: (played: PlayedBatch) => void;
}

/** How long a batch may take to come to rest, milliseconds. */
const batchTimeoutMs = 180_000;

/**
 * Plays the commands of a recorded controller on a model of the emulator in light mode: commands that were given without a hook
 * between them reach the units together.
 */
export async function playController(recording: ControllerRecording, options: PlayOptions): Promise<PlayedBatch[]> {
  const set = await StageSet.prepare(recording.directory);
  const model = `verify-${String(process.pid)}`;
  const before = { data: process.env['JUJU_EMULATOR_DATA'], model: process.env['JUJU_MODEL'] };
  process.env['JUJU_EMULATOR_DATA'] = `${set.directory}/models`;
  process.env['JUJU_MODEL'] = model;
  mkdirSync(modelDirectory(model).path, { recursive: true });
  const emulator = await Emulator.create({ seed: options.seed, light: true, model, retryFactor: 20 });
  const server = new ApiServer(
    modelDirectory(model).socket,
    controllerMethods(emulator, () => undefined),
  );
  try {
    await server.listen();
    emulator.controller.store.change((world) => {
      for (let made = 0; made < machinesBefore(recording); made += 1) addMachine(world, emulator.controller.now());
    });
    const played: PlayedBatch[] = [];
    const stage: PlayedStage = { set, names: new Map(), operate: options.operate };
    const failing = new Set<string>();
    const seen = new Set<string>();
    for (const batch of recording.batches) {
      if (options.until !== undefined && batch.name > options.until) break;
      await alignLeaders(emulator, batch, () => settle(emulator));
      passOver(emulator, batch, seen);
      const steered = steerElections(emulator, batch);
      const earlier = new Set((await set.hooks()).map(identity));
      const steering = steerSubordinates(emulator, batch);
      const results = await playBatch(emulator, { ...stage, batch, isLater: steering.isLater });
      await settle(emulator);
      if (steering.end()) await settle(emulator);
      await retryRecovered(emulator, batch, failing);
      steered();
      const last = batch.commands.at(-1)?.time ?? 0;
      for (const read of batch.reads.filter(({ time }) => time > last)) results.push(await give(emulator, read, stage));
      const hooks = (await set.hooks()).filter((hook) => !earlier.has(identity(hook)));
      const done = { batch, results, hooks: hooks.sort((a, b) => a.t0 - b.t0) };
      played.push(done);
      options.onBatch?.(done);
      await catchUp(emulator, batch);
    }
    return played;
  } finally {
    await server.close();
    await emulator.destroy();
    await set.remove();
    restore('JUJU_EMULATOR_DATA', before.data);
    restore('JUJU_MODEL', before.model);
  }
}

const settle = (emulator: Emulator): Promise<void> => emulator.settle({ timeoutMs: batchTimeoutMs, onError: 'return' });

/** Time passes here only as far as the recording tells: units that recovered in it are tried again now. */
async function retryRecovered(emulator: Emulator, batch: Batch, failing: Set<string>): Promise<void> {
  for (const { unit, dispatch, rc } of batch.hooks)
    if (!dispatch.startsWith('actions/')) failing[rc === 0 ? 'delete' : 'add'](unit);
  const recovered = emulator.controller.unitsInError().filter(({ unit }) => !failing.has(unit));
  for (const { unit } of recovered) await emulator.resolved(unit);
  if (recovered.length > 0) await settle(emulator);
}

/** Ids that the recording drew for what it does not show are passed over. */
function passOver(emulator: Emulator, batch: Batch, seen: Set<string>): void {
  const fresh = (name: string): number[] =>
    [...new Set(batch.hooks.map(({ env }) => env[name]?.split(':').at(-1)))]
      .filter((id): id is string => id !== undefined && !seen.has(`${name} ${id}`))
      .map((id) => {
        seen.add(`${name} ${id}`);
        return Number(id);
      });
  const [relations, tasks] = [fresh('JUJU_RELATION_ID'), fresh('JUJU_ACTION_UUID')];
  emulator.controller.store.change((world) => {
    if (relations.length > 0) world.nextRelation = Math.max(world.nextRelation, Math.min(...relations));
    if (tasks.length > 0) world.nextTask = Math.max(world.nextTask, Math.min(...tasks) - 1);
  });
}

const identity = ({ unit, dispatch, t0 }: RecordedHook): string => `${unit} ${dispatch} ${String(t0)}`;

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** Machines that placements name before a command adds one: the recording begins with them. */
function machinesBefore(recording: ControllerRecording): number {
  const named: number[] = [];
  for (const { argv } of recording.batches.flatMap(({ commands }) => commands)) {
    if (argv[0] === 'add-machine') break;
    const to = argv[argv.indexOf('--to') + 1];
    if (argv.includes('--to') && to !== undefined) named.push(...to.split(',').map(Number));
  }
  return Math.max(-1, ...named) + 1;
}

/** Settings that somebody changed outside the recording are taken from what the units saw afterwards. */
async function catchUp(emulator: Emulator, batch: Batch): Promise<void> {
  for (const application of new Set(batch.uncaused.map(({ unit }) => unit.split('/')[0] ?? ''))) {
    const last = batch.uncaused.filter(({ unit }) => unit.startsWith(`${application}/`)).at(-1);
    const call = last?.tools.find(({ cmd }) => cmd.join(' ') === 'config-get --format=json');
    const own = emulator.world.applications[application];
    if (call === undefined || own === undefined) continue;
    const seen = JSON.parse(call.out) as Record<string, string | number | boolean>;
    const reset = Object.keys(own.settings).filter((option) => !(option in seen));
    await emulator.setConfig(application, seen, reset);
  }
  if (batch.uncaused.length > 0) await settle(emulator);
}

async function playBatch(
  emulator: Emulator,
  { batch, isLater, ...stage }: PlayedStage & { readonly batch: Batch; readonly isLater: (unit: string) => boolean },
): Promise<PlayedResult[]> {
  const results: PlayedResult[] = [];
  const { units, machines } = emulator.world;
  const held = Object.values(units)
    .filter(({ machine }) => machines[machine]?.agentStatus.status !== 'down')
    .map(({ name }) => name);
  const release = (): void => {
    for (const unit of held.splice(0))
      if (emulator.world.units[unit] !== undefined && !isLater(unit)) emulator.controller.hold(unit, false);
  };
  for (const unit of held) emulator.controller.hold(unit, true);
  const questions = [...batch.reads];
  for (const command of batch.commands) {
    for (; (questions[0]?.time ?? Infinity) < command.time; questions.shift()) {
      const asked = questions[0]?.time ?? 0;
      const before = batch.commands.filter(({ time }) => time < asked).at(-1)?.time ?? 0;
      if (batch.hooks.some(({ t0 }) => t0 > before && t0 < asked)) release();
      if (held.length === 0) await settle(emulator);
      if (questions[0] !== undefined) results.push(await give(emulator, questions[0], stage));
    }
    if (waits(command) || refused(command) || befell(command)) release();
    if (refused(command)) await settle(emulator);
    if (command.argv[0] === 'add-machine') provision(emulator);
    else if (befell(command)) await befall(emulator, command);
    else results.push(await give(emulator, command, stage));
  }
  release();
  return results;
}

/** Gives one command in the emulator's words: its ids, its files. */
async function give(
  emulator: Emulator,
  { id, argv, stdout, stderr }: RecordedCommand,
  { set, names, operate }: PlayedStage,
): Promise<PlayedResult> {
  const operation = Number(/^Running operation (\d+) /m.exec(`${stdout}\n${stderr}`)?.[1] ?? 0);
  // Ids that the recording drew for what it does not show are passed over.
  if (emulator.world.nextTask < operation)
    emulator.controller.store.change((world) => {
      world.nextTask = operation;
    });
  const words: string[] = [];
  for (const word of argv) words.push(await set.localised(renamed(word, names)));
  const result = await operate(words);
  learn(stdout, result.stdout, names);
  return { id, result };
}

const befell = ({ argv }: RecordedCommand): boolean => argv[0] === machineDown || argv[0] === machineUp;

/** A machine goes down, and so long that its unit leads no more; or it comes back. */
async function befall(emulator: Emulator, { argv }: RecordedCommand): Promise<void> {
  const machine = emulator.world.units[argv[1] ?? '']?.machine ?? '';
  await emulator.fault({ what: argv[0] === machineDown ? 'stop-machine' : 'start-machine', machine });
  if (argv[0] === machineDown) emulator.advance(emulator.controller.options.leaseMs);
}

/** The recording's machines are hosts that were there before; here a machine is made. */
const provision = (emulator: Emulator): void =>
  void emulator.controller.store.change((world) => addMachine(world, emulator.controller.now()));

/** Ids that Juju draws: the recording's become ours. */
const drawn = /secret:[a-z0-9]{20}/g;
const renamed = (word: string, names: ReadonlyMap<string, string>): string =>
  word.replaceAll(drawn, (id) => names.get(id) ?? id);

function learn(recorded: string, ours: string, names: Map<string, string>): void {
  const mine = ours.match(drawn) ?? [];
  for (const [index, id] of (recorded.match(drawn) ?? []).entries()) {
    const own = mine[index];
    if (own !== undefined) names.set(id, own);
  }
}
