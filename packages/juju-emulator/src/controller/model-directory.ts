import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where controllers keep their models: JUJU_EMULATOR_DATA, else a place that fits the user. */
export function controllersDirectory(): string {
  const given = process.env['JUJU_EMULATOR_DATA'];
  if (given !== undefined && given !== '') return given;
  return process.getuid?.() === 0
    ? '/var/lib/juju-emulator/controllers'
    : join(homedir(), '.local/state/juju-emulator');
}

/** Files of one model's controller. */
export interface ModelDirectory {
  readonly path: string;
  readonly socket: string;
  readonly pid: string;
  readonly output: string;
}

export function modelDirectory(model: string): ModelDirectory {
  const path = join(controllersDirectory(), model);
  return { path, socket: join(path, 'socket'), pid: join(path, 'pid'), output: join(path, 'controller.log') };
}

/** Models whose controller was started here, running or not. */
export function knownModels(): string[] {
  const directory = controllersDirectory();
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

const currentFile = (): string => join(controllersDirectory(), 'current-model');

/** The model that commands without `-m` mean: JUJU_MODEL, else the one last added or switched to. */
export function currentModel(): string | undefined {
  const chosen = process.env['JUJU_MODEL'];
  if (chosen !== undefined && chosen !== '') return chosen.split(/[:/]/).at(-1);
  if (!existsSync(currentFile())) return undefined;
  const name = readFileSync(currentFile(), 'utf8').trim();
  return name === '' || !knownModels().includes(name) ? undefined : name;
}

export function setCurrentModel(model: string): void {
  mkdirSync(controllersDirectory(), { recursive: true });
  writeFileSync(currentFile(), `${model}\n`);
}

export function forgetModel(model: string): void {
  rmSync(modelDirectory(model).path, { recursive: true, force: true });
}
