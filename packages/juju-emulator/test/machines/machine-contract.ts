import { createServer } from 'node:net';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Machine, MachineHost, ProcessExit, SpawnOptions } from '../../src/machines';

export interface Ran extends ProcessExit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command on a machine to its end. */
export async function run(
  machine: Machine,
  argv: readonly string[],
  options: Partial<SpawnOptions> = {},
): Promise<Ran> {
  const started = machine.spawn(argv, { cwd: '/', env: { PATH: machine.agentPath }, stdin: 'null', ...options });
  const [stdout, stderr, exit] = await Promise.all([text(started.stdout), text(started.stderr), started.exited]);
  return { ...exit, stdout, stderr };
}

/** Polls until the condition holds. @throws after the deadline. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What every kind of machine must do; run against each implementation. */
export function machineContract(makeHost: () => MachineHost): void {
  const host = makeHost();
  let machine: Machine;
  let other: Machine;

  beforeAll(async () => {
    [machine, other] = await Promise.all([host.create('0'), host.create('1')]);
  }, 180_000);
  afterAll(() => host.destroyAll(), 60_000);

  test('machines made at the same time have addresses of their own in one network', () => {
    expect(machine.address).not.toBe(other.address);
    expect(machine.macAddress).not.toBe(other.macAddress);
    expect(machine.cidr).toBe(other.cidr);
    const network = machine.cidr.replace(/0\/24$/, '');
    expect([machine.address.startsWith(network), other.address.startsWith(network)]).toEqual([true, true]);
  });

  test('a process gets exactly the environment and the directory it was given', async () => {
    const env = { PATH: machine.agentPath, ODD: 'a b\n"c"', EMPTY: '' };
    const seen = await run(machine, ['env', '-0'], { env });
    expect(seen.stdout.split('\0').filter(Boolean).sort()).toEqual(
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
    expect((await run(machine, ['/bin/pwd'], { cwd: machine.jujuDir })).stdout).toBe(`${machine.jujuDir}\n`);
    const withPwd = await run(machine, ['env'], { env: { PWD: '/given', PATH: machine.agentPath } });
    expect(withPwd.stdout).toContain('PWD=/given\n');
  });

  test('arguments arrive as they are', async () => {
    const odd = ['', "it's", '$HOME', 'a  b', '--', '*'];
    expect((await run(machine, ['printf', '%s|', ...odd])).stdout).toBe(odd.map((word) => `${word}|`).join(''));
  });

  test('output, exit status and signal are told apart', async () => {
    const failed = await run(machine, ['sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(failed).toEqual({ code: 7, signal: null, stdout: 'out\n', stderr: 'err\n' });
    expect(await run(machine, ['sh', '-c', 'kill -KILL $$'])).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(await run(machine, ['no-such-program'])).toMatchObject({ code: 127 });
  });

  test('a process has real pipes: a script can open /dev/stdout and /dev/stderr', async () => {
    const written = await run(machine, ['sh', '-c', 'echo one > /dev/stdout; echo two > /dev/stderr']);
    expect(written).toMatchObject({ code: 0, stdout: 'one\n', stderr: 'two\n' });
  });

  test('what is typed reaches the process, and so does its end', async () => {
    const reader = machine.spawn(['cat'], { cwd: '/', env: { PATH: machine.agentPath }, stdin: 'pipe' });
    reader.stdin?.end('typed');
    expect(await text(reader.stdout)).toBe('typed');
    expect(await reader.exited).toEqual({ code: 0, signal: null });
  });

  test('long output is complete', async () => {
    const long = await run(machine, ['sh', '-c', 'seq 1 200000']);
    expect(long.stdout.length).toBe(1_288_895);
    expect(long.stdout.endsWith('\n200000\n')).toBe(true);
  });

  test('kill reaches the whole process group', async () => {
    const started = machine.spawn(['sh', '-c', 'sleep 1000 & echo begun; wait'], {
      cwd: '/',
      env: { PATH: machine.agentPath },
      stdin: 'null',
    });
    const output = text(started.stdout); // ends only when the sleeper is dead too
    await new Promise((resolve) => started.stdout.once('readable', resolve));
    started.kill('SIGKILL');
    expect(await started.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await output).toBe('begun\n');
  });

  test('with a terminal the process has one', async () => {
    expect((await run(machine, ['sh', '-c', 'test -t 1 && echo yes'], { tty: true })).stdout.trim()).toBe('yes');
    expect((await run(machine, ['sh', '-c', 'test -t 1 || echo no'])).stdout.trim()).toBe('no');
  });

  test('a file of the host is the same file on the machine, and a socket of the host answers there', async () => {
    const path = join(machine.jujuDir, 'agents/unit-with-a-rather-long-name-12/run.socket');
    mkdirSync(machine.hostPath(join(path, '..')), { recursive: true });
    writeFileSync(machine.hostPath(join(machine.jujuDir, 'greeting')), 'hello\n');
    expect((await run(machine, ['cat', join(machine.jujuDir, 'greeting')])).stdout).toBe('hello\n');
    await run(machine, ['sh', '-c', `echo back > ${machine.jujuDir}/answer`]);
    expect(readFileSync(machine.hostPath(join(machine.jujuDir, 'answer')), 'utf8')).toBe('back\n');

    const server = createServer((socket) => socket.resume().end('HTTP/1.0 200 OK\r\n\r\nfrom the host'));
    await new Promise<void>((resolve) => server.listen(machine.hostPath(path), resolve));
    try {
      const asked = await run(machine, ['curl', '-sS', '--max-time', '10', '--unix-socket', path, 'http://agent/']);
      expect(asked).toMatchObject({ code: 0, stdout: 'from the host' });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('a reboot kills the processes, keeps the disk and changes the boot id, of this machine only', async () => {
    const before = [await machine.bootId(), await other.bootId()];
    expect(await machine.bootId()).toBe(before[0]);
    writeFileSync(machine.hostPath(join(machine.jujuDir, 'kept')), 'kept');
    const states: string[] = [];
    const unsubscribe = machine.onStateChange((state) => states.push(state));
    const sleeper = machine.spawn(['sleep', '1000'], {
      cwd: machine.jujuDir,
      env: { PATH: machine.agentPath },
      stdin: 'null',
    });
    void sleeper.exited.then(() => states.push('process ended')); // at once, not only with the machine
    await machine.reboot();
    unsubscribe();
    expect(states).toEqual(['process ended', 'stopped', 'running']);
    expect((await sleeper.exited).code).not.toBe(0);
    expect(await machine.bootId()).not.toBe(before[0]);
    expect(await other.bootId()).toBe(before[1]);
    expect((await run(machine, ['cat', join(machine.jujuDir, 'kept')])).stdout).toBe('kept');
  }, 60_000);

  test('a stopped machine runs nothing and says so; it starts again', async () => {
    const daemon = await run(machine, ['sh', '-c', 'setsid sleep 1000 >/dev/null 2>&1 & echo $!'], {
      cwd: machine.jujuDir,
    });
    expect(daemon.code).toBe(0);
    const before = await machine.bootId();
    await machine.stop();
    expect(machine.state).toBe('stopped');
    expect(() => machine.spawn(['true'], { cwd: '/', env: {}, stdin: 'null' })).toThrow(/is stopped/);
    await machine.stop();
    await machine.start();
    expect(await machine.bootId()).not.toBe(before);
    const left = await run(machine, ['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "'], {
      cwd: machine.jujuDir,
    });
    expect(left.stdout.match(/sleep 1000/g) ?? []).toEqual([]);
  }, 60_000);

  test('a frozen machine does nothing until it is thawed', async () => {
    const file = machine.hostPath(join(machine.jujuDir, 'ticks'));
    writeFileSync(file, '');
    const ticker = machine.spawn(['sh', '-c', 'while echo tick >> ticks; do sleep 0.01; done'], {
      cwd: machine.jujuDir,
      env: { PATH: machine.agentPath },
      stdin: 'null',
    });
    const size = (): number => readFileSync(file).length;
    await eventually('it ticks', () => size() > 0);
    await machine.freeze();
    let before = size();
    await eventually('it has come to rest', async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = size();
      const rests = now === before;
      before = now;
      return rests;
    });
    const answered = run(other, ['true']);
    expect((await answered).code).toBe(0);
    expect(size()).toBe(before);
    await machine.thaw();
    await eventually('it ticks again', () => size() > before);
    ticker.kill('SIGKILL');
    expect((await ticker.exited).signal).toBe('SIGKILL');
  }, 60_000);

  test('a destroyed machine is gone, its number can be given again', async () => {
    const spare = await host.create('2');
    const marker = spare.hostPath(join(spare.jujuDir, 'marker'));
    mkdirSync(join(marker, '..'), { recursive: true });
    writeFileSync(marker, 'x');
    await spare.destroy();
    await spare.destroy();
    expect(spare.state).toBe('destroyed');
    expect(() => readFileSync(marker)).toThrow(/ENOENT/);
    const again = await host.create('2');
    expect((await run(again, ['cat', join(again.jujuDir, 'marker')])).code).toBe(1);
  }, 60_000);
}
