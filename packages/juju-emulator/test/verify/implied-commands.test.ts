import { impliedCommands } from '../../src/verify/controller/implied-commands';
import { plainHooks } from '../../src/verify/controller/plain-logs';
import type { RecordedCommand, RecordedHook, Stage } from '../../src/verify/controller/recording';

const hook = (t0: number, unit: string, dispatch: string, more: Partial<RecordedHook> = {}): RecordedHook => ({
  unit,
  dispatch,
  argv: [],
  cwd: '',
  uid: 0,
  umask: '',
  env: {},
  t0,
  rc: 0,
  tools: [],
  ...more,
});
const settings = (values: object): Partial<RecordedHook> => ({
  tools: [{ cmd: ['config-get', '--format=json'], rc: 0, out: JSON.stringify(values), err: '' }],
});
const changed = (t0: number, unit: string, values: object) => hook(t0, unit, 'hooks/config-changed', settings(values));
const command = (id: string, time: number, line: string): RecordedCommand => ({
  id,
  time,
  argv: line.split(' '),
  stdout: '',
  stderr: '',
});
const found = (commands: readonly RecordedCommand[], ...stages: Stage[]) =>
  impliedCommands(commands, stages).map(({ id, time, argv }) => `${id} at ${time}: ${argv.join(' ')}`);

describe('commands that a recording shows by their effect alone', () => {
  const deploy = command('003', 10, 'deploy ./app.charm app');
  const first: Stage = { began: 10, hooks: [changed(11, 'app/0', { level: 1 }), changed(12, 'app/1', { level: 1 })] };

  it('are none where commands explain what units saw, late ones too', () => {
    const later: Stage = { began: 20, hooks: [changed(21, 'app/0', { level: 2 }), changed(22, 'app/1', { level: 1 })] };
    const last: Stage = { began: 30, hooks: [changed(31, 'app/1', { level: 2 })] };
    expect(found([deploy, command('004', 20, 'config app level=2')], first, later, last)).toEqual([]);
  });

  it('are settings that nobody had given, and their reversal', () => {
    const later: Stage = { began: 20, hooks: [changed(21, 'app/0', { level: 2 }), changed(22, 'app/1', { level: 2 })] };
    const back: Stage = { began: 30, hooks: [changed(33, 'app/1', { level: 1 }), changed(34, 'app/0', {})] };
    expect(found([deploy], first, later, back)).toEqual([
      '003+1 at 20: config app level=2',
      '003+2 at 30: config app level=1',
      '003+3 at 33.999: config app --reset=level',
    ]);
  });

  it('are machines that went down with a leader, and came back', () => {
    const elected = (t0: number, unit: string) => hook(t0, unit, 'hooks/leader-elected');
    const begin: Stage = { began: 10, hooks: [elected(11, 'app/0'), hook(12, 'app/0', 'hooks/start')] };
    const gone: Stage = { began: 20, hooks: [elected(70, 'app/1')] };
    const back: Stage = { began: 90, hooks: [hook(91, 'app/0', 'hooks/start')] };
    expect(found([deploy], begin, gone, back)).toEqual([
      '003+1 at 20: (machine down) app/0',
      '003+2 at 90: (machine up) app/0',
    ]);
    const removed: Stage = { began: 18, hooks: [hook(19, 'app/0', 'hooks/stop')] };
    expect(found([deploy, command('004', 18, 'remove-unit app/0')], begin, removed, gone)).toEqual([]);
  });

  it('are actions with their parameters, and relations with their two sides', () => {
    const created = (unit: string, endpoint: string) =>
      hook(41, unit, `hooks/${endpoint}-relation-created`, { env: { JUJU_RELATION_ID: `${endpoint}:4` } });
    const action = hook(42, 'app/0', 'actions/back-up', {
      tools: [{ cmd: ['action-get', '--format=json'], rc: 0, out: '{"to":"here","n":2}\n', err: '' }],
    });
    const stage: Stage = { began: 40, hooks: [created('app/0', 'db'), created('web/0', 'store'), action] };
    expect(found([deploy], first, stage)).toEqual([
      '003+1 at 40: integrate app:db web:store',
      '003+2 at 41.999: run app/0 back-up to="here" n=2',
    ]);
    expect(found([deploy, command('004', 40, 'run app/0 back-up')], first, stage)).toEqual([]);
  });
});

it('a very small charm’s log tells hooks by their names', () => {
  const log = `17.5 start tiny/1 hooks/ring-relation-joined tiny/0
18.25  start slow/0 actions/nap nap pid=5366
19.0  end slow/0 actions/nap nap pid=5366
`;
  expect(plainHooks(log).map(({ unit, dispatch, env, t0 }) => [unit, dispatch, env['JUJU_REMOTE_UNIT'], t0])).toEqual([
    ['tiny/1', 'hooks/ring-relation-joined', 'tiny/0', 17.5],
    ['slow/0', 'actions/nap', '', 18.25],
  ]);
});
