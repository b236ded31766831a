import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { applicationResources } from '../../src/model';
import { destroyAll, lightEmulator, logOf, runsOf } from '../support/light';
import { shellCharm } from '../support/shell-charm';

const directory = mkdtempSync(join(tmpdir(), 'resources-'));
afterEach(destroyAll);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = (name: string, content: string): string => {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
};
const charm = (): string =>
  shellCharm({
    metadata:
      'name: tiny\nsummary: s\ndescription: d\nresources:\n  blob: {type: file, filename: blob.tar.gz, description: b}\n  other: {type: file, filename: other}\n',
    dispatch: 'case $hook in install|upgrade-charm) juju-log "blob: $(cat $(resource-get blob))";; esac',
  });

describe('resources', () => {
  it('are fetched once a revision; attaching one makes the units upgrade and configure', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm(), { resources: { blob: file('first.gz', 'one') } });
    await emulator.settle();
    const path = String((await emulator.exec('tiny/0', 'resource-get blob')).results.stdout);
    expect(basename(path)).toBe('blob.tar.gz');
    // A revision that is there is not fetched again: what the charm did to the file stays.
    writeFileSync(path, 'changed');
    await emulator.exec('tiny/0', 'resource-get blob');
    expect(readFileSync(path, 'utf8')).toBe('changed');
    const before = runsOf(emulator, 'tiny/0').length;
    await emulator.attachResource('tiny', 'blob', file('second.gz', 'two'));
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0').slice(before)).toEqual(['upgrade-charm', 'config-changed']);
    expect(logOf(emulator).filter((line) => line.includes('blob: '))).toEqual([
      'unit.tiny/0.juju-log blob: one',
      'unit.tiny/0.juju-log blob: two',
    ]);
  });

  it('tell what the application has and what each unit has fetched', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(charm(), { resources: { blob: file('first.gz', 'one') } });
    await emulator.settle();
    const { Resources, UnitResources } = applicationResources(emulator.world, 'tiny');
    expect(Resources.map(({ Name, RetrievedBy, Size }) => [Name, RetrievedBy, Size])).toEqual([
      ['blob', 'admin', 3],
      ['other', '', 0],
    ]);
    expect(UnitResources.map(({ Name, Resources: has }) => [Name, has.map((each) => each.Name)])).toEqual([
      ['tiny/0', ['blob']],
    ]);
    // SHA-384 of `one`, as sha384sum prints it.
    expect(Resources[0]?.Fingerprint).toMatch(/^[0-9a-f]{96}$/);
  });

  it('with the wrong extension or name are refused, at deploy too', async () => {
    const emulator = await lightEmulator();
    const words = 'incorrect extension on resource upload "wrong.txt", expected ".gz"';
    const wrong = file('wrong.txt', 'x');
    await expect(emulator.deploy(charm(), { resources: { blob: wrong } })).rejects.toThrow(words);
    await expect(emulator.deploy(charm(), { resources: { nope: wrong } })).rejects.toThrow(
      'unrecognized resource "nope"',
    );
    expect(emulator.world.applications).toEqual({});
    await emulator.deploy(charm(), { resources: { blob: file('first.gz', 'one') } });
    await emulator.settle();
    await expect(emulator.attachResource('tiny', 'blob', wrong)).rejects.toThrow(words);
    await expect(emulator.attachResource('tiny', 'nope', wrong)).rejects.toThrow('resource "nope" not found');
    await emulator.settle();
    expect(emulator.world.applications.tiny?.charmModifiedVersion).toBe(0);
  });
});
