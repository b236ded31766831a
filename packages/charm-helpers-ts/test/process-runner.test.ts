import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHookTools, processHookToolRunner, redactArguments } from '../src';

/** Real programs in a directory of their own stand in for the agent's tools directory. */
async function toolsDirectory(tools: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tools-'));
  for (const [name, script] of Object.entries(tools)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(directory, name), 0o755);
  }
  return directory;
}

describe('processHookToolRunner', () => {
  let directory: string;
  const runner = (): ReturnType<typeof processHookToolRunner> =>
    processHookToolRunner({ PATH: `${directory}:/usr/bin:/bin`, JUJU_CONTEXT_ID: 'ctx', TMPDIR: directory });

  beforeEach(async () => {
    directory = await toolsDirectory({
      'relation-get': 'printf %s "$JUJU_CONTEXT_ID $*"',
      'relation-set': 'cat',
      'is-leader': 'echo "ERROR leadership status unknown: timeout" >&2; exit 1',
      'status-set': 'exec <&-; echo "ERROR invalid status" >&2; exit 2',
      'secret-add': 'for last; do :; done; echo "$last"; stat -c "%a" "$last"; cat "$last"',
      'juju-log': 'kill -9 $$',
      'relation-ids': 'echo "ERROR this unit is not the leader" >&2; exit 1',
      'relation-list': 'test -e /dev/stdin && cat',
      'goal-state': 'test -e "$TMPDIR/again" && echo again && exit; touch "$TMPDIR/again"; kill -9 $PPID',
      'state-get': 'printf "a\\0b"',
      'network-get': 'for one; do printf "<%s>" "$one"; done',
      'storage-list': 'echo "$PPID"',
      'status-get': 'kill -9 $PPID',
      'leader-get': 'echo "ERROR bad request: unknown command: leader-get" >&2; exit 1',
    });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('gives arguments and environment, and gives back stdout as it is', async () => {
    expect(await runner().run('relation-get', ['-', 'a b'])).toBe('ctx - a b');
  });

  it('gives stdin, also much of it', async () => {
    const long = 'žluť\n'.repeat(50_000);
    expect(await runner().run('relation-set', ['--file', '-'], { stdin: long })).toBe(long);
  });

  it('gives the null device where there is no stdin', async () => {
    expect(await runner().run('relation-list', [])).toBe('');
  });

  it('tells a failed tool with its words, and whether it may pass', async () => {
    await expect(runner().run('is-leader', ['--format=json'])).rejects.toMatchObject({
      tool: 'is-leader',
      args: ['--format=json'],
      exitCode: 1,
      code: 'tool-failed',
      operation: 'is-leader',
      retryable: true,
      message: 'is-leader --format=json: leadership status unknown: timeout',
    });
    await expect(runner().run('relation-ids', [])).rejects.toMatchObject({ code: 'not-leader', retryable: false });
  });

  it('tells bad arguments also where the tool did not read its stdin', async () => {
    const failed = runner().run('status-set', ['x'], { stdin: 'y'.repeat(1_000_000) });
    await expect(failed).rejects.toMatchObject({ exitCode: 2, code: 'bad-arguments' });
  });

  it('tells a missing tool and a killed one', async () => {
    await expect(runner().run('no-such-tool', [])).rejects.toMatchObject({ code: 'tool-missing', exitCode: null });
    await expect(runner().run('juju-log', ['x'])).rejects.toMatchObject({ code: 'tool-killed', exitCode: null });
  });

  it('hands secrets over in a file of mode 0600 that is gone afterwards', async () => {
    const output = await runner().run('secret-add', ['--label', 'l'], { privateFile: 'secret' });
    const [path = '', mode, content] = output.split('\n');
    expect([mode, content]).toEqual(['600', 'secret']);
    expect(existsSync(path)).toBe(false);
  });

  it('runs several at once', async () => {
    const outputs = await Promise.all(['a', 'b', 'c'].map((one) => runner().run('relation-get', [one])));
    expect(outputs).toEqual(['ctx a', 'ctx b', 'ctx c']);
  });

  it('makes any number of calls from a few shells, each with its own answer', async () => {
    const one = runner();
    const names = Array.from({ length: 100 }, (_, at) => `unit-${at}-${'ř'.repeat(at * 50)}`);
    expect(await Promise.all(names.map((name) => one.run('relation-get', [name])))).toEqual(
      names.map((name) => `ctx ${name}`),
    );
    const shells = await Promise.all(names.map(() => one.run('storage-list', [])));
    expect(new Set(shells).size).toBeLessThanOrEqual(4);
    expect(shells).not.toContain(`${process.pid}\n`);
  });

  it('hands any argument over as it is', async () => {
    const words = ["it's", '"$HOME"', '`id`', 'a\nb', '\\', '', ' ', '*', '--', "'; exit 7 #", 'žluť', '!x', '$(id)'];
    expect(await runner().run('network-get', words)).toBe(words.map((word) => `<${word}>`).join(''));
  });

  it('makes a read again that it lost with its shell, and nothing else', async () => {
    expect(await runner().run('goal-state', [])).toBe('again\n');
    const failed = runner().run('status-get', []);
    await expect(failed).rejects.toMatchObject({ code: 'tool-killed', exitCode: null, retryable: true });
  });

  it('goes on after a shell was lost', async () => {
    const one = runner();
    await expect(one.run('status-get', [])).rejects.toMatchObject({ code: 'tool-killed' });
    expect(await one.run('relation-get', ['a'])).toBe('ctx a');
  });

  it('does not mix answers up where a tool prints a NUL', async () => {
    const one = runner();
    const answers = await Promise.all([
      one.run('state-get', []),
      one.run('relation-get', ['a']),
      one.run('state-get', []),
    ]);
    expect(answers).toEqual(['a\0b', 'ctx a', 'a\0b']);
  });

  it('leaderGet tells that this Juju has none', async () => {
    expect(await createHookTools(runner()).leaderGet()).toBeNull();
  });
});

describe('redactArguments', () => {
  it('cuts values of data, and only those', () => {
    expect(redactArguments('leader-set', ['key=a=b\nc', '--x=y'])).toEqual(['key=<redacted>', '--x=y']);
    expect(redactArguments('storage-add', ['data=1'])).toEqual(['data=1']);
  });
});
