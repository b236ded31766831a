import { UnknownTool } from '../../src/tools/run-tool';
import { execute, relationChanged, start } from './small-world';

const ok = (stdout = '', stderr = ''): object => ({ code: 0, stdout, stderr });
const refused = (code: number, text: string): object => ({ code, stdout: '', stderr: `ERROR ${text}\n` });

describe('one call', () => {
  const inHook: [tool: string, args: string[], result: object][] = [
    ['config-get', [], ok('empty: ""\nname: web\n"on": true\nport: 2379\nratio: 0.5\n')],
    [
      'config-get',
      ['--all', '--format=json'],
      ok('{"empty":"","name":"web","on":true,"port":2379,"ratio":0.5,"unset":null}\n'),
    ],
    ['config-get', ['on'], ok('True\n')],
    ['config-get', ['empty'], ok()],
    ['config-get', ['nothing', '--format', 'json'], ok('null\n')],
    ['is-leader', [], ok('True\n')],
    ['is-leader', ['--format=json'], ok('true\n')],
    ['status-get', [], ok('waiting\n')],
    [
      'status-set',
      ['ready'],
      refused(2, 'invalid status "ready", expected one of [maintenance blocked waiting active]'),
    ],
    ['unit-get', ['private-address'], ok('10.9.0.2\n')],
    ['unit-get', ['public-address', '--format=json'], ok('"192.0.2.7"\n')],
    ['network-get', ['store', '--bind-address', '--format=json'], ok('"10.9.0.2"\n')],
    ['network-get', ['nowhere'], refused(1, 'no network config found for binding "nowhere"')],
    [
      'goal-state',
      ['--format=json'],
      ok(
        '{"units":{"web/0":{"status":"active","since":"2026-05-06 07:08:09Z"}},"relations":{"store":{"disk/0":{"status":"joining","since":"1970-01-01 00:00:00Z"}}}}\n',
      ),
    ],
    ['opened-ports', [], ok('80/tcp\n')],
    ['open-port', ['1-70000'], refused(2, 'port range bounds must be between 0 and 65535, got 1-70000')],
    ['relation-ids', ['store'], ok('store:3\n')],
    ['relation-ids', [], refused(2, 'no endpoint name specified')],
    ['relation-list', ['-r', 'store:3'], ok('disk/0\n')],
    ['relation-get', ['-r3', '-', 'disk/0'], ok('ingress-address: 10.9.0.3\n')],
    ['relation-get', ['-r', '4'], refused(2, 'invalid value "4" for option -r: relation not found')],
    ['relation-set', ['a=b'], refused(2, 'no relation id specified')],
    ['relation-set', ['-r', '3', ' =v'], refused(2, 'expected "key=value", got "=v"')],
    ['relation-set', ['-r', '3', 'k=1', 'k=2'], refused(2, 'key "k" specified more than once')],
    ['state-get', ['seen'], ok('yes\n')],
    ['state-get', ['unseen', '--strict'], refused(1, '"unseen" not found')],
    ['resource-get', ['blob'], ok('/resources/blob/x.tgz')],
    ['storage-list', [], ok('cache/0\n')],
    ['storage-get', ['-s', 'cache/0', 'location'], ok('/srv/cache\n')],
    ['action-get', ['x'], refused(1, 'not running an action')],
    ['juju-log', ['--format', 'json', 'hi'], ok('', '--format flag deprecated for command "juju-log"')],
    ['secret-get', ['short'], refused(2, 'secret URI "short" not valid')],
    ['credential-get', [], refused(1, 'cannot access cloud credentials: permission denied')],
    ['is-leader', ['--nope'], refused(2, 'option provided but not defined: --nope')],
    ['is-leader', ['x', 'y'], refused(2, 'unrecognized args: ["x" "y"]')],
  ];
  test.each(inHook)('%s %j', async (tool, args, result) => {
    const { tool: run } = await execute(start);
    expect(await run(tool, args)).toEqual(result);
  });

  test.each(['leader-get', 'leader-set', 'rm'])('%s is no tool of this Juju', async (name) => {
    const { tool } = await execute(start);
    await expect(tool(name)).rejects.toThrow(UnknownTool);
  });
});

describe('one hook', () => {
  test('own writes are read back, and the whole bag is committed', async () => {
    const { tool, context } = await execute(relationChanged);
    await tool('relation-set', ['a=1', 'ingress-address=']);
    expect(await tool('relation-get', ['-', 'web/0'])).toEqual(ok('a: "1"\n'));
    expect(context.pendingChanges()?.relations).toEqual([
      { relationId: 3, unitSettings: { a: '1', 'ingress-address': '' } },
    ]);
  });

  test('nothing is committed by a hook that only read remote bags', async () => {
    const { tool, context } = await execute(relationChanged);
    expect(await tool('relation-get')).toEqual(ok('ingress-address: 10.9.0.3\n'));
    expect(context.pendingChanges()).toBeUndefined();
  });

  test('a remote bag is read once', async () => {
    const { tool, api } = await execute(relationChanged);
    await tool('relation-get');
    await tool('relation-get', ['ingress-address']);
    expect(api.calls.takeReads()).toEqual(['Uniter.ReadRemoteSettings']);
  });

  test('only the leader writes the application bag', async () => {
    const { tool, context } = await execute(relationChanged, { leader: false });
    expect(await tool('relation-set', ['--app', 'k=v'])).toEqual(refused(1, 'cannot write relation settings'));
    expect(context.pendingChanges()).toBeUndefined();
  });

  test('stdin is asked for only by a tool that reads it', async () => {
    const { tool, context } = await execute(relationChanged);
    expect(await tool('relation-set', ['--file', '-'])).toBe('stdin required');
    expect(await tool('relation-set', ['--file', '-'], 'k: "007"\nn: 1.0\n')).toEqual(ok());
    expect(context.pendingChanges()?.relations[0]?.unitSettings).toMatchObject({ k: '007', n: '1.0' });
  });

  test('a status goes out at once, and does not show in a status read before', async () => {
    const { tool, api } = await execute(start);
    await tool('status-get');
    await tool('status-set', ['active', 'well']);
    expect(api.calls.takeImmediate().map(({ call }) => call)).toEqual(['Uniter.SetUnitStatus']);
    expect(await tool('status-get')).toEqual(ok('waiting\n'));
  });

  test('state keeps empty values, and an unchanged one is no change', async () => {
    const { tool, context } = await execute(start);
    await tool('state-set', ['seen=yes']);
    expect(context.pendingChanges()).toBeUndefined();
    await tool('state-set', ['e=']);
    expect(context.pendingChanges()?.charmState).toEqual({ seen: 'yes', e: '' });
    await tool('state-delete', ['seen']);
    expect(await tool('state-get')).toEqual(ok('e: ""\n'));
  });

  test('ports: open and close cancel out, overlaps are refused', async () => {
    const { tool, context } = await execute(start);
    await tool('open-port', ['443']);
    expect(await tool('open-port', ['440-450'])).toEqual(
      refused(
        1,
        'cannot open 440-450/tcp (unit "web/0"): port range conflicts with 443/tcp (unit "web/0") requested earlier',
      ),
    );
    expect(await tool('opened-ports')).toEqual(ok('80/tcp\n443/tcp\n'));
    await tool('close-port', ['80']);
    await tool('open-port', ['80']);
    expect(context.pendingChanges()).toMatchObject({ openPorts: [{ range: { from: 443 } }], closePorts: [] });
  });

  test('a log line in a relation hook names the relation', async () => {
    const { tool, log } = await execute(relationChanged);
    await tool('juju-log', ['-l', 'warn', 'a', 'b']);
    expect(log).toEqual([{ module: 'unit.web/0.juju-log', level: 'WARNING', message: 'store:3: a b' }]);
  });

  test('config-changed always commits: the addresses are to be refreshed', async () => {
    const { context } = await execute({ kind: 'lifecycle', hook: 'config-changed' });
    expect(context.pendingChanges()).toMatchObject({ updateNetworkInfo: true });
  });

  test('a secret made in a hook is read, granted, changed and removed in it', async () => {
    const { tool, context } = await execute(start);
    const id = '00000000000000000001';
    expect(await tool('secret-add', ['--label', 'l', 'token=abc'])).toEqual(
      ok(`secret://11111111-2222-4333-8444-555555555555/${id}\n`),
    );
    expect(await tool('secret-get', ['--label', 'l'])).toEqual(ok('token: abc\n'));
    expect(await tool('secret-grant', [id, '-r', '3'])).toEqual(ok());
    await tool('secret-set', [id, 'token=def']);
    expect(context.pendingChanges()).toMatchObject({
      secretCreates: [{ label: 'l', content: { data: { token: 'ZGVm' } } }],
      secretGrants: [{ relationKey: 'disk:space web:store', subject: { kind: 'application', name: 'disk' } }],
    });
    await tool('secret-remove', [id]);
    expect(context.pendingChanges()).toMatchObject({ secretCreates: [], secretGrants: [], secretDeletes: [{}] });
  });

  test('action results nest; a failure keeps them', async () => {
    const { tool, context } = await execute({ kind: 'action', name: 'backup', id: '5', params: { a: { b: [1] } } });
    expect(await tool('action-get', ['a.b'])).toEqual(ok('- 1\n'));
    await tool('action-set', ['x.y=1', 'x.z=2']);
    await tool('action-fail', ['disk full']);
    expect(context.action?.outcome()).toEqual({
      status: 'failed',
      message: 'disk full',
      results: { x: { y: '1', z: '2' } },
    });
    expect(await tool('action-set', ['stdout=x'])).toEqual(refused(2, 'cannot set reserved action key "stdout"'));
  });

  test('a reboot is refused in an action', async () => {
    const { tool } = await execute({ kind: 'action', name: 'backup', id: '5', params: {} });
    expect(await tool('juju-reboot')).toEqual(refused(1, 'juju-reboot is not supported when running an action.'));
  });

  test('storage-add counts, and takes nothing but a count', async () => {
    const { tool, context } = await execute(start);
    await tool('storage-add', ['cache', 'log=2']);
    expect(context.pendingChanges()?.addStorage).toEqual([
      { name: 'cache', count: 1 },
      { name: 'log', count: 2 },
    ]);
    expect(await tool('storage-add', ['cache=ssd'])).toEqual(refused(2, 'only count can be specified for "cache"'));
  });
});
