import type { Machine } from '../machines';
import type { Constraints, RefreshOptions, World } from '../model';
import {
  ModelError,
  applicationOf,
  fullStatus,
  resetModelOption,
  resolveUnit,
  setModelOption,
  unitOf,
  unitUuid,
} from '../model';
import { type AnswerParams, answerMethods } from './answer-methods';
import type { LogRecord } from '../store/debug-log';
import type { Call, Method } from './api-server';
import { journalMethods } from './command-journal';
import type { Emulator } from './emulator';
import type { DeployOptions } from './emulator-options';
import type { FaultRequest } from './fault-request';
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
  readonly modelConfig: { readonly values: Readonly<Record<string, string>>; readonly reset?: readonly string[] };
  readonly trust: { readonly application: string; readonly trusted: boolean };
  readonly setConstraints: { readonly application?: string; readonly constraints: Constraints };
  readonly destroy: Record<string, never>;
}

const isReal = (machine: Machine): boolean => machine.jujuDir === '/var/lib/juju';

/** A user's home on a machine; a light machine is one directory, for whoever asks. */
const homeOn = (machine: Machine, user: string): string =>
  !isReal(machine) ? machine.jujuDir : user === 'root' ? '/root' : `/home/${user}`;

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
  const methods: Record<keyof MethodParams, Method> = {
    ...answerMethods(controller.store),
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
    addUnit: typed('addUnit', ({ application, count, to, attachStorage }) => {
      if (controller.world.applications[application] === undefined)
        throw new ModelError('not-found', 'add unit', `application "${application}" not found (not found)`);
      return emulator.addUnit(application, count, to, attachStorage);
    }),
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
          throw new ModelError(
            'refused',
            'resolved',
            `resolving unit: checking unit "${unitUuid(controller.world, unit)}" status: unit is not in error state`,
          );
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
    fault: typed('fault', (request) => emulator.fault(request)),
    tick: typed('tick', ({ unit }) => controller.tick(unit)),
    advance: typed('advance', ({ milliseconds }) => emulator.advance(milliseconds)),
    trust: typed('trust', ({ application, trusted }) =>
      controller.store.change((world: World) => {
        applicationOf(world, application).trust = trusted;
      }),
    ),
    setConstraints: typed('setConstraints', ({ application, constraints }) =>
      controller.store.change((world: World) => {
        if (application === undefined) world.constraints = constraints;
        else applicationOf(world, application).constraints = constraints;
      }),
    ),
    modelConfig: typed('modelConfig', ({ values, reset = [] }) =>
      controller.store.change((world: World) => {
        for (const key of reset) resetModelOption(world, key);
        for (const [key, value] of Object.entries(values)) setModelOption(world, key, value);
        return world.config;
      }),
    ),
    destroy: typed('destroy', async () => {
      await emulator.destroy();
      onDestroyed();
    }),
  };
  return journalMethods(emulator, methods);
}
