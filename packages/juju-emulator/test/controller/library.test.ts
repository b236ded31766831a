import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { execa } from 'execa';
import { Emulator } from '../../src/index';
import { seed } from '../support/light';
import { scratchDirectory } from '../support/scratch';
import { shellCharm } from '../support/shell-charm';

const charm = shellCharm({
  dispatch: 'case $hook in start) status-set active "$JUJU_MODEL_NAME"; open-port 80;; esac',
});
const machinesAreReal = process.getuid?.() === 0 && existsSync('/usr/bin/systemd-nspawn');
if (!machinesAreReal) console.warn('SKIPPED on machines: real machines need root and systemd-nspawn');

/** Files below a directory. */
const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));

interface Program {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  readonly lines: Interface;
}

/** Where a bundled program finds what it compiles. */
const programEnvironment = {
  JUJU_EMULATOR_HOOK_TOOL_SOURCE: join(__dirname, '../../native/hook-tool.c'),
  JUJU_EMULATOR_JUJU_EXEC_SOURCE: join(__dirname, '../../native/juju-exec.c'),
};

/** A program of its own that uses the library, as somebody's test run: it says `up ADDRESSES` and waits to be killed. */
function startProgram(bundle: string, temporary: string, model: string, light: boolean): Program {
  const child = spawn(process.execPath, [bundle, model, String(light), charm], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...programEnvironment, TMPDIR: temporary },
  });
  return { child, lines: createInterface(child.stdout) };
}

describe('the emulator as a library', () => {
  const scratch = scratchDirectory('lib');
  const bundle = join(scratch, 'program.cjs');

  beforeAll(() => {
    buildSync({
      stdin: {
        contents: `import { Emulator } from './index';
          async function main([model, light, charm]: string[]): Promise<void> {
            const emulator = await Emulator.create({ seed: ${seed}, light: light === 'true', model });
            await emulator.deploy(charm ?? '', { units: 2 });
            await emulator.settle();
            const units = Object.values(emulator.status().applications.tiny?.units ?? {});
            console.log(['up', ...units.map((unit) => unit['workload-status'].info + ' ' + unit['public-address'])].join(','));
            setInterval(() => undefined, 1000);
          }
          void main(process.argv.slice(2));`,
        resolveDir: join(__dirname, '../../src'),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      outfile: bundle,
    });
  });

  it('disposes of a model at the end of its block, whatever happened in it', async () => {
    const seen: string[] = [];
    const block = async (): Promise<never> => {
      await using model = await Emulator.create({ seed, light: true });
      seen.push(model.world.modelName);
      await model.deploy(charm);
      await model.settle();
      seen.push(model.status().applications.tiny?.units?.['tiny/0']?.['workload-status'].info ?? '');
      seen.push(model.machineOf('tiny/0').jujuDir, model.controller.options.dataDir);
      throw new Error('the test failed');
    };
    await expect(block()).rejects.toThrow('the test failed');
    const [name, message, machine = '', files = ''] = seen;
    expect(message).toBe(name);
    expect([existsSync(machine), existsSync(files)]).toEqual([false, false]);
  });

  it('refuses a name that a running process uses, without touching that model', async () => {
    await using model = await Emulator.create({ seed, light: true, model: `taken-${process.pid}` });
    await model.deploy(charm);
    await expect(Emulator.create({ seed, light: true, model: `taken-${process.pid}` })).rejects.toMatchObject({
      code: 'in-use',
    });
    await model.settle();
    expect(model.status().applications.tiny?.status.status).toBe('active');
  });

  it('says that a temporary directory is too long for sockets', async () => {
    const directory = join(scratch, 'a-directory-with-a-name-that-leaves-no-room-for-sockets');
    await mkdir(directory);
    const said = execa(process.execPath, [bundle, `long-${process.pid}`, 'true', charm], {
      env: { ...programEnvironment, TMPDIR: directory },
    });
    await expect(said).rejects.toThrow('set TMPDIR to a short directory');
  });

  it.each([['light', true], ...(machinesAreReal ? [['on machines', false] as const] : [])] as const)(
    'two processes at once, %s: neither is in the way of the other, and what is left when both are killed is found',
    async (_, light) => {
      const temporary = scratchDirectory('l');
      const names = [`one-${process.pid}`, `two-${process.pid}`];
      const clean = (...options: readonly string[]) =>
        execa(join(__dirname, '../../bin/juju-emulator'), ['clean', ...options], {
          env: { TMPDIR: temporary, JUJU_EMULATOR_DATA: join(temporary, 'none') },
        });
      const programs = names.map((name) => startProgram(bundle, temporary, name, light));
      try {
        const said = await Promise.all(programs.map(async ({ lines }) => (await once(lines, 'line')) as [string]));
        const units = said.flatMap(([line]) => line.split(',').slice(1));
        expect(units.map((unit) => unit.split(' ')[0]).sort()).toEqual([names[0], names[0], names[1], names[1]]);
        expect(new Set(units.map((unit) => unit.split(' ')[1])).size).toBe(4);
        await clean();
        expect(programs.map(({ child }) => [child.exitCode, child.signalCode])).toEqual([
          [null, null],
          [null, null],
        ]);
      } finally {
        const ended = programs.map(({ child }) => once(child, 'exit'));
        for (const { child } of programs) child.kill('SIGKILL');
        await Promise.all(ended);
      }
      for (const name of names) await clean('--model', name);
      expect(filesBelow(temporary).filter((file) => !file.includes('juju-emulator-clients-'))).toEqual([]);
      expect(names.filter((name) => existsSync(join('/var/lib/juju-emulator/models', name)))).toEqual([]);
      // A model of the same name begins as if there had never been one.
      const again = startProgram(bundle, temporary, names[0] ?? '', true);
      const [line] = (await once(again.lines, 'line')) as [string];
      const gone = once(again.child, 'exit');
      again.child.kill('SIGKILL');
      await gone;
      await clean('--model', names[0] ?? '');
      expect(line.startsWith('up,')).toBe(true);
    },
    300_000,
  );
});
