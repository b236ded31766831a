import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CommandLine } from '../support/command-line';
import { shellCharm } from '../support/shell-charm';

// Each command is a process of its own.
jest.setTimeout(120_000);

const commands = new CommandLine();
const juju = commands.juju.bind(commands);

const side = (name: string, role: string) =>
  shellCharm({
    metadata: `name: ${name}\nsummary: s\ndescription: d\n${role}: {link: {interface: link}}\n`,
    config: 'options: {level: {type: int, default: 1}}\n',
    dispatch: `case $hook in start) status-set active "$(config-get level)";; esac`,
  });
const directory = join(commands.data, 'bundle');
const file = join(directory, 'bundle.yaml');
const at = (charm: string): string => `./${relative(directory, charm)}`;
const server = side('server', 'provides');
const client = side('client', 'requires');

function bundle(text: string): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, text);
  return file;
}

const whole = (units: number) => `default-base: ubuntu@24.04
machines: {"0": {}, "1": {}}
applications:
  db: {charm: ${at(server)}, num_units: ${units}, to: [${[0, 1, 'new']
    .slice(0, units)
    .map((each) => `"${each}"`)
    .join(', ')}], options: {level: 7}, expose: true}
  web: {charm: ${at(client)}, num_units: 1, to: [db/1], trust: true, constraints: mem=1G}
relations:
  - [web:link, [db]]
`;

let model = '';
beforeAll(async () => {
  model = await commands.addModel('bundled');
});

describe('juju deploy of a bundle', () => {
  it('tells what it would do, and does it', async () => {
    const changes = [
      'add new machine 0',
      'add new machine 1',
      `upload charm ${at(server)} for base ubuntu@24.04`,
      `deploy application db from ${at(server)} on ubuntu@24.04`,
      'expose all endpoints of db and allow access from CIDRs 0.0.0.0/0 and ::/0',
      'add unit db/0 to 0',
      'add unit db/1 to 1',
      `upload charm ${at(client)} for base ubuntu@24.04`,
      `deploy application web from ${at(client)} on ubuntu@24.04`,
      'set constraints for web to "mem=1G"',
      'add unit web/0 to db/1',
      'add relation web:link - db',
    ];
    const lines = changes.map((change) => `- ${change}\n`).join('');
    expect(await juju('deploy', bundle(whole(2)), '--dry-run')).toEqual({
      code: 0,
      stdout: `Changes to deploy bundle:\n${lines}`,
      stderr: '',
    });
    expect((await juju('status')).stderr).toContain('is empty');
    expect(await juju('deploy', directory)).toEqual({
      code: 0,
      stdout: '',
      stderr: `Executing changes:\n${lines}Deploy of bundle completed.\n`,
    });
    expect(await commands.run('juju-emulator', 'wait', '--timeout', '60s')).toMatchObject({ code: 0 });
    const { stdout } = await juju('status', '--relations');
    expect(stdout).toMatch(/^db\/0\* +active +idle +0 .* 7$/m);
    expect(stdout).toMatch(/^db\/1 +active +idle +1 .* 7$/m);
    expect(stdout).toMatch(/^web\/0\* +active +idle +1 .* 1$/m);
    expect(stdout).toMatch(/^db:link +web:link +link +regular/m);
    expect((await juju('constraints', 'web')).stdout).toBe('mem=1024M\n');
  });

  it('adds what is missing, and does nothing twice', async () => {
    const again = await juju('deploy', bundle(whole(3)));
    expect(again).toMatchObject({
      code: 0,
      stderr:
        'Executing changes:\n- set application options for db\n- add unit db/2 to new machine\nDeploy of bundle completed.\n',
    });
    expect(await juju('deploy', bundle(whole(3).replace(', options: {level: 7}', '')))).toMatchObject({
      code: 0,
      stderr: 'No changes to apply.\n',
    });
  });

  it.each([
    ['applications: {}\n', 'at least one application must be specified'],
    [
      'applications: {a: {num_units: -1}}\n',
      'empty charm path in application "a"\nnegative number of units specified on application "a"',
    ],
    [`applications: {a: {charm: ./none.charm}}\n`, 'charm path in application "a" does not exist: '],
    [
      `applications: {a: {charm: ${at(server)}, num_units: 1, to: ["3"]}}\nrelations: [[a, b]]\n`,
      'placement "3" refers to a machine not defined in this bundle\nrelation ["a" "b"] refers to application "b" not defined in this bundle',
    ],
  ])('refuses %s', async (text, why) => {
    const { code, stderr } = await juju('deploy', bundle(text));
    expect(code).toBe(1);
    expect(stderr).toContain(`ERROR cannot deploy bundle: the provided bundle has the following errors:\n${why}`);
  });

  it('shows machines, spaces and the status again and again', async () => {
    const { stdout } = await juju('show-machine', '1', '9');
    expect(stdout).toContain(`model: ${model}\nmachines:\n  "1":\n    juju-status:\n      current: started\n`);
    expect(stdout).not.toContain('"0":');
    expect((await juju('show-machine', '9')).stdout).toBe(`model: ${model}\nmachines: {}\n`);
    expect((await juju('show-machine', '1', '--format', 'tabular')).stdout).toMatch(/^Machine .*\n1 +started .*\n$/);
    expect((await juju('spaces')).stdout).toMatch(
      /^Name {3}Space ID {30}Subnets *\nalpha {2}[0-9a-f-]{36} {2}127\.0\.0\.0\/8 *\n {45}127\.\S+\/24 *\n(.*\n)* {45}::1\/128 *\n *\n$/,
    );
    expect(JSON.parse((await juju('spaces', '--format', 'json')).stdout)).toMatchObject({
      spaces: [{ name: 'alpha' }],
    });
    expect(await juju('status', '--watch', 'soon')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'invalid value "soon" for option --watch: time: invalid duration "soon"',
      ) as string,
    });
    const looks = await commands.until(
      'juju',
      ['status', '--watch', '10ms'],
      (text) => text.split('Model ').length > 3,
    );
    expect(looks).toMatch(/^Model .*\n(.*\n)+Model /);
  });
});
