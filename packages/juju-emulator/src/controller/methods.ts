import type { Machine } from '../machines';
import type { Fault } from '../agent/faults';
import type { RefreshOptions, World } from '../model';
import { ModelError, applicationOf, fullStatus, resolveUnit, unitOf } from '../model';
import { type AnswerParams, answerMethods } from './answer-methods';
import type { LogRecord } from '../store/debug-log';
import type { Call, Method } from './api-server';
import type { Emulator } from './emulator';
import type { DeployOptions } from './emulator-options';
import { type MachineMethodParams, machineMethods } from './machine-methods';
import { type SecretMethodParams, secretMethods } from './secret-methods';
import type { OnError } from './settling';
import { type RemovalMethodParams, removalMethods } from './removal-methods';
import { type TaskMethodParams, taskMethods } from './task-methods';
import { storageMethods, type StorageMethodParams } from './storage-methods';

/** Parameters of the methods that the command line calls. */
export interface MethodParams
  extends
    AnswerParams,
    MachineMethodParams,
    RemovalMethodParams,
    SecretMethodParams,
    StorageMethodParams,
    TaskMethodParams {
  readonly world: Record<string, never>;
  readonly status: Record<string, never>;
  readonly deploy: { readonly path: string; readonly options: DeployOptions };
  readonly addUnit: {
    readonly application: string;
    readonly count: number;
    readonly to: readonly string[];
    readonly attachStorage?: readonly string[];
  };
  readonly integrate: { readonly first: string; readonly second: string };
  readonly removeRelation: { readonly first: string; readonly second?: string };
  readonly setConfig: {
    readonly application: string;
    readonly values: Readonly<Record<string, string | number | boolean>>;
    readonly reset: readonly string[];
  };
  readonly expose: { readonly application: string; readonly exposed: boolean };
  readonly attachResource: { readonly application: string; readonly name: string; readonly path: string };
  readonly refresh: { readonly application: string; readonly path: string; readonly options?: RefreshOptions };
  readonly resolved: { readonly units: readonly string[]; readonly retry: boolean };
  readonly spawn: {
    readonly target: string;
    /** The machine's user; `ubuntu` as Juju's ssh has it. Light machines have none. */
    readonly user: string;
    readonly argv: readonly string[];
    readonly tty: boolean;
  };
  readonly hostPath: { readonly target: string; readonly path: string };
  readonly log: { readonly follow: boolean };
  readonly settle: { readonly timeoutMs: number; readonly onError: OnError };
  readonly fault: FaultRequest;
  readonly tick: { readonly unit?: string };
  readonly advance: { readonly milliseconds: number };
  readonly modelConfig: { readonly values: Readonly<Record<string, string>> };
  readonly destroy: Record<string, never>;
}

const isReal = (machine: Machine): boolean => machine.jujuDir === '/var/lib/juju';

/** A user's home on a machine; a light machine is one directory, for whoever asks. */
const homeOn = (machine: Machine, user: string): string =>
  !isReal(machine) ? machine.jujuDir : user === 'root' ? '/root' : `/home/${user}`;

/** What `juju-emulator fault` can ask for. */
export type FaultRequest =
  | { readonly what: 'arm'; readonly fault: Fault }
  | { readonly what: 'clear' }
  | { readonly what: 'move-leader'; readonly application: string; readonly unit: string }
  | { readonly what: 'kill-agent' | 'hold' | 'release'; readonly unit: string }
  | {
      readonly what:
        | 'stop-machine'
        | 'start-machine'
        | 'reboot-machine'
        | 'destroy-machine'
        | 'freeze-machine'
        | 'thaw-machine'
        | 'cut-link'
        | 'mend-link';
      readonly machine: string;
    };

/** Environment of what `juju ssh` starts. */
const loginEnvironment = (path: string, term: string): Record<string, string> => ({
  PATH: path,
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/bash',
  LANG: 'C.UTF-8',
  TERM: term,
});

/** The methods of a controller process. `onDestroyed` is called when the model is gone. */
export function controllerMethods(emulator: Emulator, onDestroyed: () => void): Record<keyof MethodParams, Method> {
  const { controller } = emulator;
  const machineOf = (target: string) =>
    controller.machine(
      /^\d+$/.test(target) ? target : unitOf(controller.world, resolveUnit(controller.world, target)).machine,
    );
  const typed = <K extends keyof MethodParams>(
    _name: K,
    method: (params: MethodParams[K], call: Call) => unknown,
  ): Method => method;
  return {
    ...answerMethods(() => controller.world),
    ...storageMethods(emulator),
    ...secretMethods(controller),
    ...taskMethods(emulator),
    ...removalMethods(emulator),
    world: typed('world', () => controller.world),
    status: typed('status', () => ({
      status: fullStatus(controller.world, controller.now(), controller.world.agentVersion),
      controller: controller.world.controllerName,
      failure: controller.failure?.message ?? null,
    })),
    deploy: typed('deploy', async ({ path, options }) => {
      const application = await emulator.deploy(path, options);
      return { application, url: applicationOf(controller.world, application).charmUrl };
    }),
    ...machineMethods(emulator),
    addUnit: typed('addUnit', ({ application, count, to, attachStorage }) =>
      emulator.addUnit(application, count, to, attachStorage),
    ),
    integrate: typed('integrate', ({ first, second }) => emulator.integrate(first, second)),
    removeRelation: typed('removeRelation', ({ first, second }) => emulator.removeRelation(first, second)),
    setConfig: typed('setConfig', ({ application, values, reset }) => emulator.setConfig(application, values, reset)),
    expose: typed('expose', ({ application, exposed }) =>
      controller.store.change((world: World) => {
        applicationOf(world, application).exposed = exposed;
      }),
    ),
    attachResource: typed('attachResource', ({ application, name, path }) =>
      emulator.attachResource(application, name, path),
    ),
    refresh: typed('refresh', ({ application, path, options }) => emulator.refresh(application, path, options)),
    resolved: typed('resolved', async ({ units, retry }) => {
      for (const unit of units) {
        if (unitOf(controller.world, unit).agentStatus.status !== 'error')
          throw new ModelError('refused', 'resolved', `unit "${unit}" is not in an error state`);
        await emulator.resolved(unit, retry ? 'retry' : 'no-retry');
      }
    }),
    hostPath: typed('hostPath', ({ target, path }) => {
      const machine = machineOf(target);
      return machine.hostPath(path.startsWith('/') ? path : `${homeOn(machine, 'ubuntu')}/${path}`);
    }),
    spawn: typed('spawn', async ({ target, user, argv, tty }, call) => {
      const machine = machineOf(target);
      const real = isReal(machine);
      const home = homeOn(machine, user);
      const child = machine.spawn(argv, {
        cwd: home,
        env: {
          ...loginEnvironment(machine.agentPath, tty ? 'xterm-256color' : 'dumb'),
          HOME: home,
          ...(real ? { USER: user, LOGNAME: user } : {}),
        },
        stdin: 'pipe',
        tty,
        ...(real ? { user } : {}),
      });
      child.stdin?.on('error', () => undefined);
      call.onStdin(
        (chunk) => child.stdin?.write(chunk),
        () => child.stdin?.end(),
      );
      call.closed.addEventListener('abort', () => child.kill('SIGKILL'));
      const drained = [child.stdout, child.stderr].map(
        (stream, index) =>
          new Promise<void>((resolve) => {
            stream.on('data', (data: Buffer) =>
              call.send({ kind: index === 0 ? 'stdout' : 'stderr', data: data.toString('base64') }),
            );
            stream.on('close', () => resolve());
          }),
      );
      const exit = await child.exited;
      await Promise.race([Promise.all(drained), new Promise((resolve) => setTimeout(resolve, 200).unref())]);
      return { code: exit.code ?? 255 };
    }),
    log: typed('log', async ({ follow }, call) => {
      const send = (record: LogRecord): void => call.send({ kind: 'event', event: record });
      const { log } = controller.options;
      for (const record of log.records()) send(record);
      if (!follow) return;
      const stop = log.follow(send);
      await new Promise<void>((resolve) => call.closed.addEventListener('abort', () => resolve()));
      stop();
    }),
    settle: typed('settle', async ({ timeoutMs, onError }, call) => {
      let last = '';
      const progress = (): void => {
        const now = controller.busyWith().join('\n');
        if (now !== last && now !== '') call.send({ kind: 'event', event: controller.busyWith() });
        last = now;
      };
      const unsubscribe = controller.store.subscribe(() => setImmediate(progress));
      try {
        progress();
        await emulator.settle({ timeoutMs, onError, signal: call.closed });
      } finally {
        unsubscribe();
      }
      return controller.unitsInError();
    }),
    fault: typed('fault', (request) => runFault(emulator, request)),
    tick: typed('tick', ({ unit }) => controller.tick(unit)),
    advance: typed('advance', ({ milliseconds }) => emulator.advance(milliseconds)),
    modelConfig: typed('modelConfig', ({ values }) =>
      controller.store.change((world: World) => {
        for (const [key, value] of Object.entries(values)) setModelOption(world, key, value);
        return world.config;
      }),
    ),
    destroy: typed('destroy', async () => {
      await emulator.destroy();
      onDestroyed();
    }),
  };
}

/** `5m`, `90s`, `1h` in seconds. */
function seconds(text: string): number {
  const match = /^(\d+)(s|m|h)?$/.exec(text);
  if (match === null) throw new ModelError('not-valid', 'model config', `invalid duration "${text}"`);
  return Number(match[1]) * (match[2] === 'h' ? 3600 : match[2] === 'm' ? 60 : 1);
}

function setModelOption(world: World, key: string, value: string): void {
  if (key === 'update-status-hook-interval') world.config[key] = seconds(value);
  else if (key === 'automatically-retry-hooks') world.config[key] = value === 'true';
  else throw new ModelError('not-valid', 'model config', `the emulator does not heed model option "${key}"`);
}

async function runFault({ controller }: Emulator, request: FaultRequest): Promise<void> {
  switch (request.what) {
    case 'arm':
      controller.options.journal.write('fault armed', request.fault.unit, { ...request.fault });
      controller.faults.arm(request.fault);
      return;
    case 'clear':
      controller.faults.clear();
      return;
    case 'move-leader':
      controller.moveLeader(request.application, request.unit);
      return;
    case 'kill-agent':
      return controller.killAgent(request.unit);
    case 'hold':
    case 'release':
      controller.hold(request.unit, request.what === 'hold');
      return;
    case 'stop-machine':
      return controller.machines.stop(request.machine);
    case 'start-machine':
      return controller.machines.start(request.machine);
    case 'reboot-machine':
      return controller.machines.reboot(request.machine);
    case 'destroy-machine':
      return controller.machines.destroy(request.machine);
    case 'freeze-machine':
    case 'thaw-machine':
    case 'cut-link':
    case 'mend-link': {
      const machine = controller.machine(request.machine);
      controller.options.journal.write(`fault: ${request.what}`, undefined, { machine: request.machine });
      if (request.what === 'freeze-machine') return machine.freeze();
      if (request.what === 'thaw-machine') return machine.thaw();
      return machine.setLink(request.what === 'mend-link');
    }
  }
}
