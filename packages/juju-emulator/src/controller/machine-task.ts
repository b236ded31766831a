import { buffer } from 'node:stream/consumers';
import type { Machine } from '../machines';
import { type EnqueueAnswer, finishTask, isMachine, startTask } from '../model';
import type { ModelController } from './model-controller';

/**
 * `juju exec --machine`: one task a machine, run as root by the machine itself, outside of any hook context. Its `unit` is the
 * machine's id; tasks of units are left to their agents. Waits its turn among the hooks of the machine, as Juju's machine agent does.
 */
export function runMachineTasks(controller: ModelController, { tasks }: EnqueueAnswer, command: string): void {
  for (const { id, unit } of tasks)
    if (isMachine(unit))
      void controller.machines.onTurn(unit, () => runTask(controller, controller.machine(unit), id, command));
}

async function runTask(controller: ModelController, machine: Machine, id: string, command: string): Promise<void> {
  controller.store.change((world) => startTask(world, id, controller.now()));
  const end = (status: 'completed' | 'error', message: string, results: Record<string, unknown>): void => {
    controller.store.change((world) => finishTask(world, id, { status, message, results }, controller.now()));
  };
  try {
    const child = machine.spawn(['/bin/bash', '-s'], {
      cwd: machine.hostPath('/') === '/' ? machine.jujuDir : '/',
      env: { PATH: machine.agentPath, HOME: '/root', USER: 'root', LANG: 'C.UTF-8' },
      stdin: 'pipe',
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${command}\n`);
    const [stdout, stderr, { code }] = await Promise.all([buffer(child.stdout), buffer(child.stderr), child.exited]);
    end('completed', '', {
      'return-code': code ?? 1,
      ...(stdout.length === 0 ? {} : { stdout: stdout.toString('utf8') }),
      ...(stderr.length === 0 ? {} : { stderr: stderr.toString('utf8') }),
    });
  } catch (error) {
    end('error', (error as Error).message, {});
  }
}
