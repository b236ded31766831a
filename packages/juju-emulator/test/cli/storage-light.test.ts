import { CommandLine } from '../support/command-line';
import { shellCharm } from '../support/shell-charm';

jest.setTimeout(60_000);

const commands = new CommandLine();
const juju = commands.juju.bind(commands);
const settled = (): Promise<void> => commands.settled();

const charm = shellCharm({
  name: 'store',
  metadata:
    'name: store\nsummary: s\ndescription: d\nstorage:\n  data: {type: filesystem, minimum-size: 100M}\n  disk: {type: block, multiple: {range: 0-}}\n',
  dispatch: 'exit 0',
});

beforeAll(async () => {
  await commands.addModel('storage');
  expect(await juju('storage')).toEqual({ code: 0, stdout: '', stderr: 'No storage to display.\n' });
  expect(await juju('deploy', charm, '--storage', 'data=tmpfs,200M', '--storage', 'disk=loop,10M,2')).toMatchObject({
    code: 0,
  });
  await settled();
}, 60_000);

describe('storage on the command line', () => {
  it('is listed, and shown with its place', async () => {
    expect((await juju('storage')).stdout).toBe(
      [
        'Unit     Storage ID  Type        Pool   Size     Status    Message',
        'store/0  data/0      filesystem  tmpfs  200 MiB  attached  ',
        'store/0  disk/1      block       loop   10 MiB   attached  ',
        'store/0  disk/2      block       loop   10 MiB   attached  ',
        '',
      ].join('\n'),
    );
    const shown = (await juju('show-storage', 'disk/1')).stdout;
    expect(shown).toMatch(
      /^disk\/1:\n {2}kind: block\n {2}life: alive\n {2}status:\n {4}current: attached\n {4}since: .*\n {2}persistent: false\n {2}attachments:\n {4}units:\n {6}store\/0:\n {8}machine: "0"\n {8}location: \S+\/dev\/loop0\n {8}life: alive\n$/,
    );
    expect((await juju('status', '--storage')).stdout).toMatch(
      /\nStorage Unit {2}Storage ID {2}Type +Pool {3}Mountpoint +Size +Status +Message\nstore\/0 +data\/0 +filesystem {2}tmpfs {2}\S+ +200 MiB {2}attached {2}\n/,
    );
    const document = JSON.parse((await juju('storage', '--format', 'json')).stdout) as Record<string, object>;
    expect(Object.fromEntries(Object.entries(document).map(([key, value]) => [key, Object.keys(value)]))).toEqual({
      storage: ['data/0', 'disk/1', 'disk/2'],
      filesystems: ['0'],
      volumes: ['0', '1'],
    });
  });

  it('is added, detached, attached again and removed', async () => {
    expect(await juju('add-storage', 'store/0', 'disk=5M')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'added storage disk/3 to store/0\n',
    });
    await settled();
    expect(await juju('detach-storage', 'disk/3', 'nope/4')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'detaching disk/3\nfailed to detach nope/4: storage "nope/4" does not exist\n',
    });
    await settled();
    expect((await juju('storage')).stdout).toMatch(/^ +disk\/3 +block +loop +5.0 MiB +detached {2}$/m);
    expect(await juju('attach-storage', 'store/0', 'disk/3')).toMatchObject({
      code: 0,
      stderr: 'attaching disk/3 to store/0\n',
    });
    await settled();
    expect(await juju('remove-storage', 'disk/3')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'failed to remove disk/3: storage is attached\n\nUse the --force option to remove attached storage, or use\n"juju detach-storage" to explicitly detach the storage\nbefore removing.\n',
    });
    expect(await juju('remove-storage', '--force', 'disk/3')).toMatchObject({ code: 0, stderr: 'removing disk/3\n' });
    await settled();
    expect((await juju('storage')).stdout).not.toContain('disk/3');
  }, 60_000);

  it('has pools', async () => {
    expect(await juju('create-storage-pool', 'fast', 'ebs', 'volume-type=ssd', 'iops=3')).toMatchObject({ code: 0 });
    expect((await juju('list-storage-pools')).stdout).toBe(
      [
        'Name    Provider  Attributes',
        'fast    ebs       iops=3 volume-type=ssd',
        'loop    loop      ',
        'rootfs  rootfs    ',
        'tmpfs   tmpfs     ',
        '',
      ].join('\n'),
    );
    expect(await juju('create-storage-pool', 'other', 'nowhere')).toMatchObject({
      code: 1,
      stderr: 'ERROR storage provider "nowhere" not found\n',
    });
    expect((await juju('storage-pools', '--name', 'fast', '--format', 'yaml')).stdout).toBe(
      'fast:\n  provider: ebs\n  attrs:\n    iops: "3"\n    volume-type: ssd\n',
    );
  });

  it.each([
    [['show-storage', 'nope/9'], 1, 'ERROR storage "nope/9" not found\n'],
    [['show-storage'], 2, 'ERROR must specify storage id(s)\n'],
    [['storage', 'data/0'], 2, 'ERROR specifying IDs only supported with --filesystem and --volume options\n'],
    [['add-storage', 'store/0'], 2, 'ERROR add-storage requires a unit and a storage directive\n'],
    [['add-storage', 'store-0', 'data=1'], 2, 'ERROR unit name "store-0" not valid\n'],
    [
      ['add-storage', 'store/0', 'disk=-6'],
      2,
      'ERROR cannot parse directive for storage "disk": cannot parse count: count must be greater than zero, got "-6"\n',
    ],
    [['add-storage', 'store/0', 'disk=1', 'disk=1'], 2, 'ERROR storage "disk" specified more than once\n'],
    [
      ['add-storage', 'store/0', 'nope=1'],
      1,
      'failed to add storage "nope" to store/0: charm storage "nope" not found\n',
    ],
    [['add-storage', 'store/7', 'disk=1', 'data=1'], 1, 'unit "store/7" does not exist\n'],
    [
      ['attach-storage', 'store/0', 'data/0'],
      1,
      'failed to attach data/0 to store/0: storage "data/0" is already attached to unit "store/0"\n',
    ],
    [
      ['deploy', charm, 'x', '--storage', 'data'],
      2,
      'ERROR invalid value "data" for option --storage: expected [<application>:]<store>=<directive>\n',
    ],
    [
      ['add-unit', 'store', '-n', '2', '--attach-storage', 'data/0'],
      2,
      'ERROR --attach-storage cannot be used with -n\n',
    ],
  ] as const)('%j is refused', async (args, code, stderr) => {
    expect(await juju(...args)).toMatchObject({ code, stderr });
  });

  it('goes with its unit when that is asked for, and stays otherwise', async () => {
    expect(await juju('add-unit', 'store')).toMatchObject({ code: 0 });
    await settled();
    for (const unit of ['store/0', 'store/1'])
      expect(await juju('add-storage', unit, 'disk=ebs-ssd,1M')).toMatchObject({ code: 0 });
    await settled();
    expect(await juju('remove-unit', 'store/0', '--destroy-storage', '--no-prompt')).toMatchObject({ code: 0 });
    expect(await juju('remove-unit', 'store/1', '--no-prompt')).toMatchObject({ code: 0 });
    await settled();
    expect((await juju('storage')).stdout).toMatch(
      /^Unit {2}Storage ID {2}Type {3}Pool {5}Size {5}Status {4}Message\n {6}disk\/\d+ +block {2}ebs-ssd {2}1.0 MiB {2}detached {2}\n$/,
    );
    expect(await juju('add-unit', 'store', '--attach-storage', 'nope/1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('storage "nope/1" does not exist') as string,
    });
  });
});
