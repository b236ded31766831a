import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CharmError } from '../domain/errors';

/** Exit status that flock(1) is told to give when it waited in vain. */
const conflict = 75;

/** Held until it is released. */
export interface RunLock {
  release(): Promise<void>;
}

/**
 * A lock among processes, held while this one lives and until it is released: flock(1) holds it for as long as its standard input is
 * open, and the kernel closes that whatever way this process ends. So no lock is ever left behind.
 */
export async function holdLock(path: string, patienceSeconds: number): Promise<RunLock> {
  const holder = spawn(
    'flock',
    [
      '--timeout',
      String(patienceSeconds),
      '--conflict-exit-code',
      String(conflict),
      path,
      'sh',
      '-c',
      'echo held; exec cat',
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(holder, 'exit') as Promise<[number | null]>;
  // An end that nobody waits for any more is no error.
  ended.catch(() => undefined);
  const held = once(holder.stdout, 'data').then(() => null);
  const [status] = (await Promise.race([held.then(() => [null] as const), ended])) ?? [null];
  if (status !== null) {
    throw new CharmError({
      code: 'BACKUP_FAILED',
      operation: 'backup',
      message:
        status === conflict
          ? `Another backup or drill runs on this unit for more than ${patienceSeconds} s.`
          : `The lock ${path} cannot be held: flock ended with ${status}.`,
      retryable: true,
    });
  }
  return {
    async release() {
      holder.stdin.end();
      await ended;
    },
  };
}
