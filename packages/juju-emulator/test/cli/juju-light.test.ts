import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from '../support/command-line';
import { shellCharm } from '../support/shell-charm';

// Each command is a process of its own.
jest.setTimeout(60_000);

const commands = new CommandLine();
const { data } = commands;
const run = commands.run.bind(commands);
const juju = commands.juju.bind(commands);
const quiet = { code: 0, stdout: '', stderr: '' };

const charm = shellCharm({
  config: 'options:\n  level: {type: int, default: 3, description: how much}\n',
  actions:
    'greet:\n  description: says hello\n  params: {who: {type: string, default: world}}\nbreak: {description: fails}\ncrash: {description: exits 3}\n',
  metadata:
    'name: tiny\nsummary: s\ndescription: d\npeers: {ring: {interface: ring}}\nprovides: {db: {interface: db}}\nrequires: {source: {interface: db}}\nresources: {blob: {type: file, filename: blob.bin, description: b}}\n',
  dispatch: `case $hook in
greet) action-log begun; action-set said="hello $(action-get who)"; echo printed;;
break) action-fail "not today";;
crash) echo boom >&2; exit 3;;
start) status-set active ready; open-port 8080/tcp;;
*) juju-log "saw $hook";;
esac`,
});

beforeAll(async () => {
  await commands.addModel('cli');
  expect(await juju('deploy', charm, '-n', '2', '--config', 'level=4')).toMatchObject({
    code: 0,
    stderr:
      'Located local charm "tiny", revision 0\nDeploying "tiny" from local charm "tiny", revision 0 on ubuntu@24.04/stable\n',
  });
  expect(await run('juju-emulator', 'wait', '--timeout', '60s')).toMatchObject({ code: 0 });
}, 60_000);

jest.setTimeout(60_000);

describe('the juju command in light mode', () => {
  it('shows the status', async () => {
    const { stdout } = await juju('status', '--relations');
    expect(stdout).toMatch(
      /^App {3}Version {2}Status {2}Scale {2}Charm {2}Channel {2}Rev {2}Exposed {2}Message\ntiny {11}active {6}2 {2}tiny {14}0 {2}no {7}ready$/m,
    );
    expect(stdout).toMatch(/^tiny\/0\* {2}active {4}idle {3}0 {8}127\.\S+ +8080\/tcp {2}ready$/m);
    expect(stdout).toMatch(/^tiny:ring +tiny:ring +ring +peer {2}$/m);
    const document = JSON.parse((await juju('status', '--format', 'json')).stdout) as {
      applications: { tiny: { units: object } };
    };
    expect(Object.keys(document.applications.tiny.units)).toEqual(['tiny/0', 'tiny/1']);
  });

  it('runs actions in the words of 3.x and 2.9', async () => {
    const done = await juju('run', 'tiny/leader', 'greet', 'who=you');
    expect(done).toMatchObject({ code: 0, stdout: 'said: hello you\n\nprinted\n' });
    expect(done.stderr).toMatch(
      /^Running operation \d+ with 1 task\n {2}- task \d+ on unit-tiny-0\n\nWaiting for task \d+...\n\d\d:\d\d:\d\d begun\n\n$/,
    );
    const failed = await juju('run', 'tiny/0', 'break');
    expect(failed.code).toBe(0);
    expect(failed.stdout).toMatch(/^Action id \d+ failed: not today\n\n$/);
    const crashed = await juju('run', 'tiny/0', 'crash');
    expect(crashed.code).toBe(1);
    expect(crashed.stdout).toMatch(/^Action id \d+ failed: exit status 3\n\nboom\n$/);
    expect(crashed.stderr).toMatch(
      /ERROR the following task failed:\n - id "\d+" with return code 3\n\nuse 'juju show-task' to inspect the failure\n\n$/,
    );
    expect(await juju('run', 'tiny/0', 'nope')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('inserting action "nope" for charm "local:tiny-0"') as string,
    });
    expect(await juju('run', 'tiny/9', 'greet')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /^\nOperation \d+ failed to schedule any tasks:\nlinking task to unit: getting unit UUID for "tiny\/9": unit "tiny\/9" not found\n$/,
      ) as string,
    });
    expect((await juju('run-action', '--wait', 'tiny/1', 'greet')).stdout).toMatch(
      /^unit-tiny-1:\n {2}UnitId: tiny\/1\n/,
    );
    const queued =
      /^Action queued with id: "(\d+)"\n$/.exec((await juju('run-action', 'tiny/1', 'greet')).stdout)?.[1] ?? '';
    expect((await juju('show-action-output', queued, '--wait', '10s')).stdout).toContain('said: hello world');
    expect((await juju('show-task', queued)).stdout).toBe('said: hello world\n\nprinted\n');
    expect((await juju('operations')).stdout).toMatch(/^ID +Status +Started +Finished +Task IDs +Summary\n/);
  });

  it('runs commands in the hook context and on the machine', async () => {
    expect(await juju('exec', '--unit', 'tiny/0', '--', 'relation-ids ring; exit 4')).toMatchObject({
      code: 1,
      stdout: 'ring:0\n',
    });
    expect(await juju('run', '--unit', 'tiny/0', 'is-leader')).toMatchObject({ code: 0, stdout: 'True\n' });
    expect(await juju('ssh', 'tiny/1', 'echo on the machine; exit 5')).toMatchObject({
      code: 5,
      stdout: 'on the machine\n',
    });
    const file = join(data, 'file');
    writeFileSync(file, 'content');
    expect(await juju('scp', file, 'tiny/1:there')).toMatchObject({ code: 0 });
    expect(await juju('scp', 'tiny/1:there', `${file}.back`)).toMatchObject({ code: 0 });
    expect(readFileSync(`${file}.back`, 'utf8')).toBe('content');
  });

  it('configures', async () => {
    expect((await juju('config', 'tiny', 'level')).stdout).toBe('4\n');
    expect(await juju('config', 'tiny', 'level=5')).toEqual(quiet);
    expect((await juju('config', 'tiny')).stdout).toContain('    source: user\n    type: int\n    value: 5\n');
    expect(await juju('config', 'tiny', 'nosuch=1')).toMatchObject({
      code: 1,
      stderr: 'ERROR invalid application config: unknown option "nosuch"\n',
    });
    expect(await juju('config', 'tiny', 'level=x')).toMatchObject({
      code: 1,
      stderr: 'ERROR option "level" expected int, got "x"\n',
    });
  });

  it('relates, shows bags, attaches resources, removes', async () => {
    expect(await juju('deploy', charm, 'other')).toMatchObject({ code: 0 });
    expect(await juju('add-relation', 'tiny:db', 'other:source')).toEqual(quiet);
    expect(await juju('integrate', 'tiny:db', 'other:source')).toMatchObject({
      code: 1,
      stderr:
        'ERROR adding relation between endpoints "tiny:db" and "other:source": cannot add relation "tiny:db", "other:source": relation tiny:db other:source: already exists\n',
    });
    await run('juju-emulator', 'wait');
    expect((await juju('show-unit', 'tiny/0', '--endpoint', 'db')).stdout).toContain(
      '    related-units:\n      other/0:\n        in-scope: true\n',
    );
    const file = join(data, 'mine.bin');
    writeFileSync(file, 'bytes');
    expect(await juju('attach-resource', 'tiny', `blob=${file}`)).toEqual(quiet);
    await run('juju-emulator', 'wait');
    expect((await juju('exec', '--unit', 'tiny/0', '--', 'cat $(resource-get blob)')).stdout).toBe('bytes\n');
    expect(await juju('remove-relation', 'tiny', 'other')).toEqual(quiet);
    expect(await juju('remove-application', 'other', '--no-prompt')).toEqual({
      ...quiet,
      stdout: 'will remove application other\n- will remove unit other/0\n',
    });
    expect(await juju('remove-unit', 'tiny/9', '--no-prompt')).toMatchObject({
      code: 1,
      stderr: 'ERROR removing unit tiny/9 failed: unit "tiny/9" not found\n',
    });
    await run('juju-emulator', 'wait');
    expect(
      Object.keys(
        (JSON.parse((await juju('status', '--format', 'json')).stdout) as { applications: object }).applications,
      ),
    ).toEqual(['tiny']);
  }, 30_000);

  it('shows the log', async () => {
    const { stdout } = await juju('debug-log', '--replay', '--include', 'tiny/0');
    expect(stdout).toMatch(/^unit-tiny-0: \d\d:\d\d:\d\d INFO unit\.tiny\/0\.juju-log saw install$/m);
    expect(stdout).not.toContain('unit-tiny-1');
    expect((await juju('debug-log', '-n', '1')).stdout.trim().split('\n')).toHaveLength(1);
  });

  it('lets things go wrong on demand', async () => {
    await run('juju-emulator', 'fault', 'refuse-commit', 'tiny/0', 'update-status');
    await run('juju-emulator', 'tick', 'tiny/0');
    expect(await run('juju-emulator', 'wait', '--on-error', 'return')).toMatchObject({ code: 0 });
    expect(await run('juju-emulator', 'fault', 'nonsense')).toMatchObject({ code: 2 });
    expect(await juju('resolved', 'tiny/1')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^ERROR resolving unit: checking unit "[0-9a-f-]{36}" status: unit is not in error state\n$/,
      ) as string,
    });
  });

  it('says what is wrong with a command', async () => {
    expect(await juju('nosuch')).toMatchObject({ code: 1 });
    expect(await juju('status', '-m', 'other')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('model other not found') as string,
    });
    expect(await juju('deploy', './missing.charm')).toMatchObject({
      code: 1,
      stderr: 'ERROR no charm was found at "./missing.charm"\n',
    });
  });
});
