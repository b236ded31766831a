import { CommandLine } from '../support/command-line';
import { shellCharm } from '../support/shell-charm';

jest.setTimeout(60_000);

const line = new CommandLine();
const quiet = { code: 0, stdout: '', stderr: '' };
const charm = (name: string, rest = '', port = 80) =>
  shellCharm({
    metadata: `name: ${name}\nsummary: s\ndescription: d\n${rest}`,
    dispatch: `[ $hook = start ] && { status-set active up; open-port ${port}; }; exit 0`,
  });
const web = charm('web');
const log = charm('log', 'subordinate: true\nrequires:\n  host: {interface: juju-info, scope: container}\n', 81);

beforeAll(async () => {
  await line.addModel('subordinate');
  expect(await line.juju('deploy', web, '-n', '2')).toMatchObject({ code: 0 });
  expect(await line.juju('deploy', log)).toMatchObject({ code: 0 });
  expect(await line.juju('integrate', 'log', 'web')).toEqual(quiet);
  await line.settled();
}, 60_000);

describe('a subordinate on the command line', () => {
  it('stands beneath its principals in the status, in every format', async () => {
    const { stdout } = await line.juju('status', '--relations');
    expect(stdout).toMatch(/^log +active +2 +log +0 +no +up$/m);
    expect(stdout).toMatch(
      /^web\/0\* +active +idle +0 +127\.\S+ +80\/tcp +up *\n {2}log\/\d\*? +active +idle +127\.\S+ +81\/tcp +up/m,
    );
    expect(stdout).toMatch(/^web:juju-info +log:host +juju-info +subordinate *$/m);
    const json = JSON.parse((await line.juju('status', '--format', 'json')).stdout) as {
      applications: Record<string, { units?: Record<string, { subordinates?: Record<string, { machine?: string }> }> }>;
    };
    expect(json.applications).toMatchObject({ log: { 'subordinate-to': ['web'] } });
    expect(json.applications['log']).not.toHaveProperty('units');
    const beneath = Object.values(json.applications['web']?.units ?? {}).flatMap(({ subordinates = {} }) =>
      Object.entries(subordinates),
    );
    expect(beneath.map(([name]) => name).sort()).toEqual(['log/0', 'log/1']);
    for (const [, unit] of beneath) expect(unit).not.toHaveProperty('machine');
    expect((await line.juju('status', '--format', 'yaml')).stdout).toMatch(
      /\n {8}subordinates:\n {10}log\/\d:\n {12}workload-status:\n/,
    );
    expect((await line.juju('status', '--format', 'oneline')).stdout).toMatch(
      /- web\/0: 127\.\S+ \(agent:idle, workload:active\) 80\/tcp\n {2}- log\/\d: 127\.\S+ \(agent:idle, workload:active\) 81\/tcp\n/,
    );
  });

  it('is neither added nor removed by itself', async () => {
    expect(await line.juju('remove-unit', 'log/0', '--no-prompt')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'ERROR removing unit log/0 failed: unit "log/0" is a subordinate, to remove use remove-relation. Note: this will remove all units of "log"\n',
    });
    expect(await line.juju('add-unit', 'log')).toMatchObject({ code: 1 });
    expect(await line.juju('deploy', log, 'more', '-n', '2')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot use --num-units or --to with subordinate application') as string,
    });
  });

  it('runs actions and commands in its own context, and goes with the relation', async () => {
    expect(
      await line.juju('exec', '--unit', 'log/0', '--', 'echo $JUJU_PRINCIPAL_UNIT; relation-list -r host:0'),
    ).toEqual({
      ...quiet,
      stdout: expect.stringMatching(/^web\/\d\nweb\/0\nweb\/1\n$/) as string,
    });
    expect(await line.juju('remove-relation', 'log', 'web')).toEqual(quiet);
    await line.settled();
    const { stdout } = await line.juju('status');
    expect(stdout).not.toMatch(/log\/\d/);
    expect(stdout).toMatch(/^log +(\S+ +)?0 /m);
  });
});

describe('machines on the command line', () => {
  it('are added, listed and removed', async () => {
    expect(await line.juju('add-machine', '-n', '2')).toEqual({
      ...quiet,
      stderr: 'created machine 2\ncreated machine 3\n',
    });
    await line.settled();
    expect((await line.juju('machines')).stdout).toMatch(
      /^Machine {2}State +Address +Inst id +Base +AZ {2}Message\n0 +started +127\.\S+ +\S+ +ubuntu@24\.04 +Running\n/,
    );
    expect(await line.juju('remove-machine', '3', '--keep-instance')).toEqual({
      ...quiet,
      stdout: 'will remove machine 3 (but retaining cloud instance)\n',
    });
    expect(await line.juju('remove-machine', '0', '9')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'ERROR removing machine failed: machine 0 has unit "web/0" assigned\nERROR removing machine failed: machine 9 not found\n',
    });
    expect(await line.juju('remove-machine', '0', '--force', '--dry-run')).toEqual({
      code: 0,
      stdout: 'will remove machine 0\n- will remove unit web/0\n',
      stderr: 'WARNING This command will perform the following actions:\n',
    });
    expect(await line.juju('remove-machine', '0', '--force', '--no-prompt')).toMatchObject({ code: 0 });
    await line.settled();
    expect(
      Object.keys(
        (JSON.parse((await line.juju('machines', '--format', 'json')).stdout) as { machines: object }).machines,
      ),
    ).toEqual(['1', '2']);
  });
});

it('several models live beside each other; -m names one, switch changes, destroy-model removes', async () => {
  const first = await line.addModel('first');
  expect(await line.juju('deploy', web, '--to', '0')).toMatchObject({ code: 1 });
  expect(await line.juju('deploy', web)).toMatchObject({ code: 0 });
  await line.settled();
  const second = await line.addModel('second');
  expect((await line.juju('status')).stderr).toContain(`Model "admin/${second}" is empty.`);
  expect((await line.juju('status', '-m', first)).stdout).toMatch(/^web\/0\* +active/m);
  expect(await line.juju('switch', first)).toMatchObject({ code: 0 });
  expect((await line.juju('status')).stdout).toMatch(/^web\/0\* +active/m);
  const listed = (await line.juju('models')).stdout;
  expect(listed).toMatch(new RegExp(`^${first}\\*`, 'm'));
  expect(listed).toMatch(new RegExp(`^${second} `, 'm'));
  expect(await line.juju('destroy-model', second, '--no-prompt')).toMatchObject({ code: 0 });
  expect((await line.juju('models')).stdout).not.toContain(second);
  expect((await line.juju('status', '-m', first)).stdout).toMatch(/^web\/0\* +active/m);
});

it('refresh changes what the charm declares, and refuses what is in use', async () => {
  await line.addModel('refresh');
  const server = charm('server', 'provides: {sql: {interface: sql}}\n');
  const client = charm('client', 'requires: {db: {interface: sql}}\n');
  for (const path of [server, client]) expect(await line.juju('deploy', path)).toMatchObject({ code: 0 });
  expect(await line.juju('integrate', 'client', 'server')).toEqual(quiet);
  await line.settled();
  expect(await line.juju('refresh', 'nosuch', '--path', server)).toEqual({
    ...quiet,
    code: 1,
    stderr: 'ERROR "nosuch" deploy incomplete, please try refresh again in a little bit.\n',
  });
  const less = await line.juju('refresh', 'server', '--path', charm('server'));
  expect(less.code).toBe(1);
  expect(less.stderr).toContain('would break relation "client:db server:sql"');
  const more = await line.juju(
    'refresh',
    'server',
    '--force-units',
    '--path',
    charm('server', 'provides: {sql: {interface: sql}, web: {interface: http}}\n'),
  );
  expect(more.code).toBe(0);
  expect(more.stderr).toMatch(
    /^Added local charm "server", revision \d+, to the model\nadding endpoint "web" to default space "alpha"\nno change to endpoints in space "alpha": juju-info, sql\n$/,
  );
  await line.settled();
  expect(JSON.parse((await line.juju('status', '--format', 'json')).stdout)).toMatchObject({
    applications: {
      server: {
        'charm-rev': expect.any(Number) as number,
        units: { 'server/0': { 'workload-status': { current: 'active' } } },
      },
    },
  });
});
