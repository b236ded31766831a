import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine, type CommandResult } from '../support/command-line';
import { shellCharm } from '../support/shell-charm';

// Each command is a process of its own.
jest.setTimeout(60_000);

const commands = new CommandLine();
const { data } = commands;
const run = commands.run.bind(commands);
const juju = commands.juju.bind(commands);
const quiet = { code: 0, stdout: '', stderr: '' };
const refused = (text: string, code = 1): CommandResult => ({ code, stdout: '', stderr: `ERROR ${text}\n` });
const settled = (): Promise<void> => commands.settled();
const exec = async (line: string): Promise<string> => (await juju('exec', '--unit', 'tiny/0', '--', line)).stdout;

const show = async (name: string, ...flags: string[]): Promise<Record<string, unknown>> => {
  const { stdout } = await juju('show-secret', name, '--format', 'json', ...flags);
  return Object.values(JSON.parse(stdout) as Record<string, Record<string, unknown>>)[0] ?? {};
};

const charm = shellCharm({
  config: 'options:\n  token: {type: secret, description: whose content the charm reads}\n',
  dispatch:
    'juju-log "saw $hook"; [ $hook = secret-changed ] && secret-get "$JUJU_SECRET_ID" --refresh > ../changed; exit 0',
});

beforeAll(async () => {
  await commands.addModel('secrets');
  expect(await juju('deploy', charm)).toMatchObject({ code: 0 });
  await settled();
});

describe("a user's secrets", () => {
  it('are added, granted, given to a charm by a config option, updated and pruned, and removed', async () => {
    const added = await juju('add-secret', 'mysecret', 'token=first', '--info', 'what for');
    expect(added).toEqual({ code: 0, stdout: expect.stringMatching(/^secret:[0-9a-v]{20}\n$/) as string, stderr: '' });
    const uri = added.stdout.trim();
    expect(await juju('config', 'tiny', `token=${uri}`)).toEqual(quiet);
    expect(await exec(`secret-get ${uri} 2>&1 || true`)).toContain('"tiny/0" is not allowed to read this secret');
    expect(await juju('grant-secret', 'mysecret', 'tiny')).toEqual(quiet);
    expect(await exec('secret-get "$(config-get token)"')).toBe('token: first\n');

    writeFileSync(join(data, 'content.yaml'), 'token: second\n');
    expect(await juju('update-secret', uri, '--file', 'content.yaml', '--auto-prune')).toEqual(quiet);
    await settled();
    expect(await exec('cat ../changed')).toBe('token: second\n');
    expect(await show('mysecret', '--revisions')).toMatchObject({
      revision: 2,
      owner: '<model>',
      name: 'mysecret',
      description: 'what for',
      revisions: [{ revision: 2, backend: 'internal' }],
      access: [{ target: 'application-tiny', role: 'view' }],
    });
    expect(await show(uri, '--reveal')).toMatchObject({ content: { Data: { token: 'second' } } });
    expect((await juju('show-secret', uri, '--reveal')).stdout).toContain('  content:\n    token: second\n');
    expect(await show(uri)).not.toHaveProperty('content');

    expect(await juju('update-secret', 'mysecret', '--name', 'renamed')).toEqual(quiet);
    expect((await juju('secrets')).stdout).toMatch(
      /^ID {20}Name {5}Owner {4}Rotation {2}Revision {2}Last updated\n[0-9a-v]{20} {2}renamed {2}<model> {2}never {12}2 {2}/,
    );
    expect(await run('juju-emulator', 'advance', '3h')).toEqual(quiet);
    expect((await juju('secrets')).stdout).toMatch(/ renamed .* 3 hours ago *\n/);
    expect(await juju('revoke-secret', 'renamed', 'tiny')).toEqual(quiet);
    expect(await exec(`secret-get ${uri} 2>&1 || true`)).toContain('not allowed to read this secret');
    expect(await juju('remove-secret', 'renamed')).toEqual(quiet);
    expect((await juju('list-secrets', '--format=json')).stdout).toBe('{}\n');
  });

  it('are refused in Juju’s words', async () => {
    await juju('add-secret', 'taken', 'token=first');
    expect(await juju('add-secret')).toEqual(refused('secret name needs to be supplied as the first argument', 2));
    expect(await juju('add-secret', 'empty')).toEqual(refused('missing secret value or filename', 2));
    expect(await juju('add-secret', 'short', 'k=v')).toEqual(refused('key "k" not valid', 2));
    expect(await juju('add-secret', 'taken', 'token=x')).toEqual(refused('secret with name "taken" already exists'));
    expect(await juju('update-secret', 'nope', 'token=x')).toEqual(refused('secret "nope" not found'));
    expect(await juju('remove-secret')).toEqual(refused('missing secret URI', 2));
    expect(await juju('grant-secret', 'taken')).toEqual(refused('missing secret URI or application name', 2));
    expect(await juju('grant-secret', 'taken', 'tiny,other')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('failed to grant/revoke secret: cannot change access to "secret:') as string,
    });
    expect(await juju('show-secret', 'nope')).toMatchObject({ code: 1, stderr: 'ERROR secret "nope" not found\n' });
    expect(await juju('show-secret', 'taken', '--reveal', '--revisions')).toEqual(
      refused('specify either --revisions or --reveal but not both', 2),
    );
    expect(await juju('config', 'tiny', 'token=nonsense')).toMatchObject({
      code: 1,
      stderr: 'ERROR option "token" expected secret, got "nonsense"\n',
    });
  });

  it('are told apart from those of charms, which only they change', async () => {
    const uri = (await exec('secret-add --label ours --rotate daily password=hidden')).trim();
    expect(await show(uri)).toMatchObject({ owner: 'tiny', label: 'ours', rotation: 'daily' });
    expect((await juju('secrets', '--owner', 'application-tiny', '--format', 'json')).stdout).toContain(
      '"owner":"tiny"',
    );
    expect(await juju('remove-secret', uri)).toEqual(refused('permission denied'));
    expect(await run('juju-emulator', 'advance', '24h')).toEqual(quiet);
    await settled();
    expect((await juju('debug-log', '--replay', '--no-tail')).stdout).toContain('saw secret-rotate');
  });
});
