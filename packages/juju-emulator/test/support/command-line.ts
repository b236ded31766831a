import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const bin = join(__dirname, '../../bin');

/** The `juju` command as an operator has it, with data of its own; what it made is gone when the tests are done. */
export class CommandLine {
  readonly data = mkdtempSync(join(tmpdir(), 'juju-data-'));
  readonly #models: string[] = [];

  constructor() {
    afterAll(async () => {
      for (const model of this.#models) await this.run('juju-emulator', 'clean', '--model', model);
      rmSync(this.data, { recursive: true, force: true });
    }, 60_000);
  }

  run(name: 'juju' | 'juju-emulator', ...args: string[]): Promise<CommandResult> {
    return new Promise((resolve) => {
      const child = execFile(
        join(bin, name),
        args,
        { env: { ...process.env, JUJU_EMULATOR_DATA: this.data }, cwd: this.data },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.end();
    });
  }

  /** Runs a command that does not end by itself until its output is what was waited for; gives that. */
  until(name: 'juju' | 'juju-emulator', args: readonly string[], enough: (stdout: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(join(bin, name), args, {
        env: { ...process.env, JUJU_EMULATOR_DATA: this.data },
        cwd: this.data,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (enough(text)) child.kill();
      });
      child.on('error', reject);
      child.on('exit', () => (enough(text) ? resolve(text) : reject(new Error(`it ended with ${text}`))));
    });
  }

  juju(...args: string[]): Promise<CommandResult> {
    return this.run('juju', ...args);
  }

  /** A model in light mode, in use from now on. Returns its name. */
  async addModel(purpose: string): Promise<string> {
    const model = `${purpose}-${process.pid}`;
    this.#models.push(model);
    expect(await this.juju('add-model', '--light', model, '--seed', '7')).toMatchObject({ code: 0 });
    return model;
  }

  /** Waits until the model in use (or the one named) is at rest. */
  async settled(...model: string[]): Promise<void> {
    expect(await this.run('juju-emulator', 'wait', '--timeout', '60s', ...model)).toMatchObject({ code: 0 });
  }
}
