import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { ApiServer } from './api-server';
import { Emulator } from './emulator';
import { controllerMethods } from './methods';
import { modelDirectory } from './model-directory';

export interface ModelOptions {
  readonly seed: number;
  readonly light: boolean;
  readonly jujuTiming: boolean;
  /** Agents act one at a time: repeatable. */
  readonly oneAtATime: boolean;
  readonly retryFactor: number;
  readonly updateStatusInterval: number;
  readonly agentVersion?: string;
}

export interface DaemonOptions extends ModelOptions {
  readonly model: string;
}

/**
 * The background process of one model. Prints `ready` on stdout when its socket answers. SIGTERM removes the model and
 * ends it; so does the method `destroy`.
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const files = modelDirectory(options.model);
  await mkdir(files.path, { recursive: true, mode: 0o700 });
  const emulator = await Emulator.create({
    ...options,
    directory: files.path,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  const ended = new Promise<void>((resolve) => {
    const end = (): void => resolve();
    const server = new ApiServer(
      files.socket,
      controllerMethods(emulator, () => setImmediate(end)),
    );
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
    void server.listen().then(() => {
      writeFileSync(files.pid, String(process.pid));
      process.stdout.write('ready\n');
    });
  });
  // A fault of the emulator must not leave machines without their controller: it is told by `juju status`.
  process.on('unhandledRejection', (error) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    emulator.controller.failure ??= error as Error;
  });
  // Nobody reads any more; writing to a closed pipe must not end the controller.
  process.stdout.on('error', () => undefined);
  const alive = setInterval(() => undefined, 60_000);
  await ended;
  clearInterval(alive);
  await emulator.destroy();
  process.exit(0);
}
