import { lineTracer, runCharm, type CharmMain, type HookToolRunner } from '../src';
import { hookVariables } from './support/environment';
import { recordingRunner } from './support/recording-runner';

const run = async (
  main: CharmMain,
  env: Record<string, string>,
  runner: HookToolRunner = recordingRunner('').runner,
) => {
  const stderr: string[] = [];
  const exitCode = await runCharm(() => main, { env, runner, stderr: (line) => stderr.push(line) });
  return { exitCode, stderr };
};
const action = hookVariables('', {
  JUJU_ACTION_NAME: 'backup',
  JUJU_ACTION_UUID: '3',
  JUJU_DISPATCH_PATH: 'actions/backup',
});
const failing: HookToolRunner = { run: () => Promise.reject(new Error('agent is gone')) };

describe('runCharm', () => {
  it('tells a bad environment in one line, and does not load the charm', async () => {
    let loaded = false;
    const stderr: string[] = [];
    const exitCode = await runCharm(
      () => {
        loaded = true;
        return () => Promise.resolve();
      },
      { env: {}, runner: failing, stderr: (line) => stderr.push(line) },
    );
    expect([exitCode, loaded, stderr.length]).toEqual([1, false, 1]);
    expect(stderr[0]).toContain('JUJU_UNIT_NAME is not set');
  });

  it('writes log lines in order and before it ends', async () => {
    const { runner, calls } = recordingRunner('');
    const { exitCode } = await run(
      ({ log }) => {
        log.info('one');
        log.warning('two');
        return Promise.resolve();
      },
      hookVariables('install'),
      runner,
    );
    expect(exitCode).toBe(0);
    expect(calls.map(({ args }) => args)).toEqual([
      ['--log-level', 'INFO', '--', 'one'],
      ['--log-level', 'WARNING', '--', 'two'],
    ]);
  });

  it('writes to stderr what juju-log does not take', async () => {
    const { exitCode, stderr } = await run(
      () => Promise.reject(new Error('broken')),
      hookVariables('install'),
      failing,
    );
    expect(exitCode).toBe(1);
    expect(stderr[0]).toBe('ERROR install: broken');
  });

  it('fails an action with its message and exit status 0, and with 1 only where action-fail fails', async () => {
    const { runner, calls } = recordingRunner('');
    expect((await run(() => Promise.reject(new Error('no\nspace')), action, runner)).exitCode).toBe(0);
    expect(calls.find(({ tool }) => tool === 'action-fail')?.args).toEqual(['--', 'no space']);
    expect((await run(() => Promise.reject(new Error('no')), action, failing)).exitCode).toBe(1);
  });

  it('tells of a charm that cannot be loaded', async () => {
    const { runner, calls } = recordingRunner('');
    const load = (): Promise<CharmMain> => Promise.reject(new Error('cannot find module'));
    expect(await runCharm(load, { env: hookVariables('start'), runner })).toBe(1);
    expect(calls[0]?.args.at(-1)).toBe('start: cannot find module');
  });

  it('traces tools without values', async () => {
    const lines: string[] = [];
    let time = 0;
    const tracer = lineTracer(
      (line) => lines.push(line),
      () => (time += 1.5),
    );
    const charm: CharmMain = ({ tools }) => tools.leaderSet({ key: 'value' });
    await runCharm(() => charm, { env: hookVariables('start'), runner: recordingRunner('').runner, tracer });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ms: 1.5, kind: 'hook-started', hook: 'start', unit: 'app/0' },
      { ms: 3, kind: 'tool-finished', tool: 'leader-set', args: ['key=<redacted>'], failed: null },
      { ms: 4.5, kind: 'hook-finished', hook: 'start', exitCode: 0 },
    ]);
  });
});
