import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CallHandlers, ControllerError, callController } from '../controller/api-client';
import type { Answers } from '../controller/answer-methods';
import type { ModelOptions } from '../controller/daemon';
import type { MethodParams } from '../controller/methods';
import { currentModel, modelDirectory, setCurrentModel } from '../controller/model-directory';
import type { FullStatus, World } from '../model';
import { locateCharm } from './charm-location';
import { CliError } from './cli-error';

/** A model's controller, as a command sees it. */
export class Session {
  constructor(readonly model: string) {}

  call<T, K extends keyof MethodParams = keyof MethodParams>(
    method: K,
    params: MethodParams[K],
    handlers: CallHandlers = {},
  ): Promise<T> {
    return callController<T>(modelDirectory(this.model).socket, method, params, handlers);
  }

  /** Where a charm is that the operator named. */
  locateCharm(charm: string): string {
    return locateCharm(charm);
  }

  /** A question about the model; its answer is typed by the question. */
  ask<K extends keyof Answers>(question: K, params: Answers[K]['params']): Promise<Answers[K]['answer']> {
    return this.call<Answers[K]['answer']>(question, params);
  }

  world(): Promise<World> {
    return this.call<World>('world', {});
  }

  /** The controller's time, which may be ahead of the host's. */
  async now(): Promise<Date> {
    return new Date((await this.status()).status['controller-timestamp'] ?? Date.now());
  }

  status(): Promise<{ status: FullStatus; controller: string; failure: string | null }> {
    return this.call('status', {});
  }
}

/** The session of the model named with -m, or of the current one. */
export function openSession(model: string | undefined): Session {
  const name = (model ?? currentModel())?.split(':').at(-1)?.split('/').at(-1);
  if (name === undefined) throw new CliError('no model is in use: run `juju add-model NAME` first');
  if (!existsSync(modelDirectory(name).socket))
    throw new CliError(`model ${name} not found: run \`juju add-model ${name}\`, or \`juju models\` for what there is`);
  return new Session(name);
}

/** What a controller that did not start leaves: its output says why, nothing is lost with it. */
const harmless = ['controller.log'];

/** Why a world that was saved cannot be read; undefined when it can, or there is none. */
function damage(path: string): string | undefined {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : (error as Error).message;
  }
}

/** A model's directory is never written over: what is left of a model goes by the operator's word only. */
function refuseToOverwrite(name: string, path: string): void {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return;
  if (info.isDirectory() && readdirSync(path).every((file) => harmless.includes(file))) return;
  const broken = info.isDirectory() ? damage(join(path, 'world.json')) : 'not a directory';
  const state = broken === undefined ? '' : `, damaged (${broken})`;
  throw new CliError(
    `failed to create new model: ${path} holds the state of a model "${name}" whose controller has ended${state}; it is left as it is: look at it, or remove it with \`juju-emulator clean --model ${name}\``,
  );
}

/** Starts the controller process of a new model and makes it the current one. */
export async function startModel(name: string, options: ModelOptions): Promise<Session> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
    throw new CliError(
      `"${name}" is not a valid name: model names may only contain lowercase letters, digits and hyphens`,
    );
  const files = modelDirectory(name);
  if (existsSync(files.socket)) {
    const alive = await callController(files.socket, 'status', {}).then(
      () => true,
      (error: unknown) => !(error instanceof ControllerError && error.code === 'unreachable'),
    );
    if (alive)
      throw new CliError(`failed to create new model: model "${name}" for admin already exists (already exists)`);
  }
  refuseToOverwrite(name, files.path);
  if (!options.light && process.getuid?.() !== 0)
    throw new CliError(
      'real machines need root on Linux: run as root, or `juju add-model --light NAME` for plain processes without machines',
    );
  mkdirSync(files.path, { recursive: true, mode: 0o700 });
  const output = openSync(files.output, 'a', 0o600);
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'controller', name, JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', 'pipe', output],
    cwd: '/',
    env: { ...process.env, JUJU_EMULATOR_ROLE: 'juju-emulator' },
  });
  closeSync(output);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (data: Buffer) => {
      if (data.toString().includes('ready')) resolve();
    });
    child.on('exit', (code) =>
      reject(
        new CliError(
          `the controller did not start (exit status ${String(code)}): ${readFileSync(files.output, 'utf8').trim().split('\n').slice(-5).join('\n')}`,
        ),
      ),
    );
    child.on('error', reject);
  });
  child.stdout?.destroy();
  child.unref();
  setCurrentModel(name);
  return new Session(name);
}

/** What a model gets when the operator says nothing else. */
export const defaultModelOptions = (): ModelOptions => ({
  seed: Math.trunc(Math.random() * 2 ** 31),
  light: false,
  jujuTiming: false,
  oneAtATime: false,
  retryFactor: 1,
  updateStatusInterval: 300,
});
