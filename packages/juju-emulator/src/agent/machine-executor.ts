import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../machines/machine';
import type { Life } from '../model/life';
import { charmOf, finishTask, unitOf } from '../model';
import type { Clock } from '../store/clock';
import type { DebugLog } from '../store/debug-log';
import type { Journal } from '../store/journal';
import type { WorldStore } from '../store/world-store';
import {
  type ContextSubject,
  type ExecutionHost,
  type ExecutionResult as ToolExecutionResult,
  HookContext,
  type RemoteSettingsCache,
  type RunningProcess,
  type UniterApi,
  executionName,
  localFiles,
  makeContextId,
  runExecution,
  toolsOf,
} from '../tools';
import type { Outcome } from '../uniter';
import { liveUniterApi } from './api/live-uniter-api';
import { ArmedFaults } from './armed-faults';
import { checkActionParams } from './action-params';
import { type AgentPaths, agentPaths, unitTag } from './agent-paths';
import { deployCharm } from './charm-deployer';
import type { ExecutionResult } from './execution';
import type { FaultPlan } from './faults';
import { machineExecutionHost } from './machine-execution-host';
import { downloadResource } from './resource-files';
import { RunListener } from './run-listener';
import { type Clients, makeToolsDirectory } from './tools-directory';
import type { ExecCommand, Executor } from './executor';

export interface MachineExecutorPorts {
  readonly store: WorldStore;
  readonly log: DebugLog;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly clients: Clients;
  readonly agentVersion: string;
  readonly faults: FaultPlan;
  readonly members: (relationId: number) => readonly string[];
  readonly inScope: (relationId: number) => boolean;
  readonly knownLife: (relationId: number) => Life;
  /** The agent dies now, like kill -9. */
  readonly die: () => void;
}

const outcomes: Readonly<Record<ToolExecutionResult['kind'], Outcome>> = {
  ok: 'ok',
  missing: 'ok',
  failed: 'fail',
  'commit-refused': 'fail',
  terminated: 'terminated',
  reboot: 'reboot-after',
  'requeue-and-reboot': 'reboot-now',
};

/** Runs the executions of one agent process on its machine. */
export class MachineExecutor implements Executor {
  readonly #paths: AgentPaths;
  readonly #host: ExecutionHost;
  readonly #faults: ArmedFaults;
  readonly #caches = new Map<number, RemoteSettingsCache>();
  #listener: RunListener | undefined;
  #running: RunningProcess | undefined;
  #killed = false;

  constructor(
    private readonly unit: string,
    private readonly ports: MachineExecutorPorts,
  ) {
    this.#paths = agentPaths(ports.machine.jujuDir, unit);
    this.#host = machineExecutionHost(ports.machine);
    this.#faults = new ArmedFaults(unit, ports);
  }

  async listen(onCommand: (command: ExecCommand) => Promise<ExecutionResult>): Promise<void> {
    await mkdir(this.ports.machine.hostPath(this.#paths.base), { recursive: true });
    await makeToolsDirectory(this.ports.machine, this.#paths, this.ports.clients, this.ports.agentVersion);
    this.#listener = new RunListener(this.ports.machine.hostPath(this.#paths.runSocket), onCommand);
    await this.#listener.listen();
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    this.#listener = undefined;
  }

  kill(): void {
    this.#killed = true;
    this.#running?.kill();
  }

  async deployCharm(charmUrl: string): Promise<void> {
    const charm = this.ports.store.world.charms[charmUrl];
    if (charm === undefined) throw new Error(`charm ${charmUrl} is not in the model`);
    const { machine } = this.ports;
    const target = machine.hostPath(this.#paths.charm);
    await deployCharm(charm.path, target, machine.hostPath(this.#paths.manifest), charm.revision);
    await writeFile(join(target, '.juju-charm'), `${charmUrl}\n`);
  }

  async run(given: ContextSubject, commands?: string): Promise<ExecutionResult> {
    const subject = this.#checkAction(given);
    if (subject === undefined) return { outcome: 'ok', error: '', statusSet: false };
    const name = executionName(subject, this.#endpoint(subject));
    let statusSet = false;
    let outlived = (): void => undefined;
    const { machine } = this.ports;
    const occurrence = this.ports.faults.begin(this.unit, name);
    try {
      const context = await HookContext.create({
        api: this.#api(name, () => (statusSet = true)),
        subject,
        contextId: makeContextId(this.unit, name, randomBytes(16)),
        log: (entry) =>
          this.ports.log.write({ entity: unitTag(this.unit), time: this.ports.clock.now().toISOString(), ...entry }),
        files: localFiles(machine.hostPath('/') === '/' ? '' : machine.hostPath('/')),
        remoteSettings: this.#caches,
        now: () => this.ports.clock.now(),
      });
      const result = await runExecution({
        context,
        host: this.#host,
        paths: { charmDir: this.#paths.charm, toolsDir: this.#paths.tools, socket: this.#paths.agentSocket },
        listenPath: machine.hostPath(this.#paths.agentSocket),
        hostEnvironment: { PATH: machine.agentPath },
        registry: toolsOf(this.ports.agentVersion),
        dialect: this.ports.agentVersion.startsWith('3.') ? '3.6' : '4',
        ...(commands === undefined ? {} : { commands }),
        ...this.#faults.atCalls(name, occurrence),
        onStart: (process) => {
          this.#running = process;
          if (this.#killed) process.kill();
          outlived = this.#faults.atStart(name, occurrence, process);
        },
      });
      if (result.kind === 'missing' && subject.kind !== 'action') this.#log('INFO', `skipped "${name}" hook (missing)`);
      if (outcomes[result.kind] === 'ok') this.ports.faults.end(this.unit);
      return {
        outcome: outcomes[result.kind],
        error:
          result.kind === 'ok' || result.kind === 'missing'
            ? ''
            : `hook "${name}" (via ${result.handler || 'commands'}) failed: ${result.error ?? ''}`,
        statusSet,
        ...(result.exec === undefined
          ? {}
          : {
              exec: {
                code: result.exec.code,
                stdout: Buffer.from(result.exec.stdout),
                stderr: Buffer.from(result.exec.stderr),
              },
            }),
      };
    } catch (error) {
      if (this.#killed) return { outcome: 'terminated', error: 'the agent was killed', statusSet };
      // A context that cannot be made is a failure of the hook, not of the agent.
      return { outcome: 'fail', error: `cannot make the context of "${name}": ${(error as Error).message}`, statusSet };
    } finally {
      outlived();
      this.#running = undefined;
    }
  }

  /** Parameters of an action against its schema; a refused action is reported and nothing runs. */
  #checkAction(subject: ContextSubject): ContextSubject | undefined {
    if (subject.kind !== 'action' || subject.name === 'juju-exec') return subject;
    const { store } = this.ports;
    const spec = charmOf(store.world, unitOf(store.world, this.unit).application).spec.actions[subject.name];
    const refuse = (message: string): undefined => {
      store.change((world) =>
        finishTask(world, subject.id, { status: 'error', message, results: {} }, this.ports.clock.now().toISOString()),
      );
      return undefined;
    };
    if (spec === undefined) return refuse(`cannot run "${subject.name}" action: not defined`);
    const checked = checkActionParams(subject.name, spec, subject.params);
    if ('refusal' in checked) return refuse(checked.refusal);
    return { ...subject, params: checked.params };
  }

  #endpoint(subject: ContextSubject): string {
    if (subject.kind !== 'relation') return '';
    const { world } = this.ports.store;
    const application = unitOf(world, this.unit).application;
    return (
      world.relations[String(subject.relationId)]?.endpoints.find((side) => side.application === application)
        ?.endpoint ?? ''
    );
  }

  #api(hook: string, onStatusSet: () => void): UniterApi {
    const { store, clock, agentVersion, members, inScope, knownLife } = this.ports;
    return liveUniterApi(store, this.unit, {
      now: () => clock.now().toISOString(),
      alive: () => !this.#killed,
      agentVersion,
      apiAddresses: ['127.0.0.1:17070'],
      members,
      inScope,
      knownLife,
      downloadResource: (name) => downloadResource(store, this.ports.machine, this.unit, name),
      // The uniter asks for the reboot itself when the hook has ended.
      requestReboot: () => Promise.resolve(),
      beforeCommit: (changes) => {
        // A fault for a commit that a dead agent will not make waits for the next one.
        if (!this.#killed) this.#faults.atCommit(hook, changes);
      },
      onStatusSet,
    });
  }

  #log(level: string, message: string): void {
    this.ports.log.write({
      entity: unitTag(this.unit),
      time: this.ports.clock.now().toISOString(),
      level,
      module: 'juju.worker.uniter.operation',
      message,
    });
  }
}
