import type { World } from '../model';
import { taskOf } from '../model';
import type { Operation } from '../uniter';
import type { CommandQueue } from './command-queue';
import { type ExecutionResult, hookSubject } from './execution';
import type { Executor } from './executor';

/** What the execution of operations needs of its agent. */
export interface ExecutionPorts {
  readonly world: () => World;
  readonly executor: Executor;
  readonly commands: CommandQueue;
}

const onMachine: readonly string[] = ['run-hook', 'run-action', 'run-command', 'install', 'upgrade'];

/** Whether an operation has to wait for its turn on the machine. */
export const needsMachine = (operation: Operation): boolean => onMachine.includes(operation.kind);

/** The part of an operation that acts on the machine; operations that have none are fine at once. */
export async function executeOperation(operation: Operation, ports: ExecutionPorts): Promise<ExecutionResult> {
  const fine: ExecutionResult = { outcome: 'ok', error: '', statusSet: false };
  switch (operation.kind) {
    case 'install':
    case 'upgrade':
      try {
        await ports.executor.deployCharm(operation.charmUrl);
        return fine;
      } catch (error) {
        return {
          outcome: 'conflict',
          error: `cannot deploy charm ${operation.charmUrl}: ${String(error)}`,
          statusSet: false,
        };
      }
    case 'run-hook':
      return ports.executor.run(hookSubject(operation.hook));
    case 'run-action': {
      const task = taskOf(ports.world(), operation.actionId);
      return ports.executor.run({ kind: 'action', name: task.name, id: task.id, params: task.parameters });
    }
    case 'run-command': {
      const waiting = ports.commands.get(operation.commandId);
      if (waiting === undefined) return fine;
      const { command, relationId, remoteUnit } = waiting.command;
      const result = await ports.executor.run(
        {
          kind: 'exec',
          ...(relationId === undefined ? {} : { relationId }),
          ...(remoteUnit === undefined ? {} : { remoteUnit }),
        },
        command,
      );
      ports.commands.delete(operation.commandId);
      waiting.done(result);
      return result;
    }
    case 'skip-hook':
    case 'accept-leadership':
    case 'resign-leadership':
    case 'fail-action':
    case 'forget-secrets':
      return fine;
  }
}
