import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { destroyAll, lightEmulator } from '../support/light';
import { shellCharm } from '../support/shell-charm';

afterEach(destroyAll);

const actions = `greet:
  description: greets
  params:
    who: {type: string, default: world}
    times: {type: integer, minimum: 1}
  required: [times]
`;
const dispatch =
  '[ $hook = greet ] && { action-log begun; action-set said="hello $(action-get who)" n.times=$(action-get times); [ $(action-get times) = 9 ] && action-fail "too often"; }; exit 0';

describe('actions', () => {
  it('get defaults, report results and log', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ dispatch, actions }));
    const task = await emulator.runAction('tiny/leader', 'greet', { times: 2 });
    expect(task).toMatchObject({
      status: 'completed',
      results: { said: 'hello world', n: { times: '2' }, 'return-code': 0 },
    });
    expect(task.log.map((entry) => entry.message)).toEqual(['begun']);
    expect(await emulator.runAction('tiny/0', 'greet', { times: 9 })).toMatchObject({
      status: 'failed',
      message: 'too often',
    });
  });

  it.each([
    [{}, '(root) : "times" property is missing and required'],
    [{ times: 1, other: 2 }, '(root) : additional property "other" is not allowed, given {"times":1,"other":2}'],
    [{ times: 'many' }, 'must be of type integer'],
  ])('refuse parameters %j', async (params, why) => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ dispatch, actions }));
    const task = await emulator.runAction('tiny/0', 'greet', params);
    expect(task.status).toBe('error');
    expect(task.message).toContain(`cannot run "greet" action: validation failed: `);
    expect(task.message).toContain(why);
  });
});

describe('commands in the hook context', () => {
  it('run from the command line', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ dispatch }));
    await emulator.settle();
    const task = await emulator.exec('tiny/0', 'relation-ids ring; echo no >&2; exit 4');
    expect(task.results).toMatchObject({ 'return-code': 4, stdout: 'ring:0\n', stderr: 'no\n' });
  });

  it('run from juju-exec on the machine, with the transaction of a hook', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(shellCharm({ dispatch }));
    await emulator.settle();
    const { jujuDir } = emulator.machineOf('tiny/0');
    const jujuExec = join(jujuDir, 'tools/juju-exec');
    const { stdout } = await promisify(execFile)(jujuExec, [
      'tiny/0',
      'relation-set -r ring:0 k=v; relation-get -r ring:0 k tiny/0; pwd',
    ]);
    expect(stdout).toBe(`v\n${join(jujuDir, 'agents/unit-tiny-0/charm')}\n`);
    expect(emulator.world.relations['0']?.unitBags['tiny/0']).toMatchObject({ k: 'v' });
    await expect(promisify(execFile)(jujuExec, ['tiny/0', 'echo out; exit 7'])).rejects.toMatchObject({
      code: 7,
      stdout: 'out\n',
    });
    await expect(promisify(execFile)(jujuExec, ['other/0', 'true'])).rejects.toMatchObject({ code: 1 });
  });
});
