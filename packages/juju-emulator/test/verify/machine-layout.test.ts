import { chmodSync, existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Emulator, type Machine } from '../../src/index';
import type { KnownDifferences } from '../../src/cli/verbs/verify';
import { StageSet } from '../../src/verify/controller/stage-set';
import { seed } from '../support/light';
import { goldenFile } from '../tools/golden-files';

const able = process.getuid?.() === 0 && existsSync('/usr/bin/systemd-nspawn');
if (!able) console.log('skipped: real machines need root and systemd-nspawn');
const recording = goldenFile('controller/machine-layout.txt');
const known = JSON.parse(readFileSync(join(__dirname, '../known-layout-differences.json'), 'utf8')) as KnownDifferences;

/** Path -> permissions and kind, or the target of a link (`-> target`). */
type Layout = ReadonlyMap<string, string>;

/** What `ls -la` printed; the recorded unit and machine have number 1, ours number 0, and other units stood beside it. */
function recordedLayout(text: string): Layout {
  const entries = new Map<string, string>();
  let directory = '';
  for (const line of text.replaceAll('unit-probe-1', 'unit-probe-0').replaceAll('machine-1', 'machine-0').split('\n')) {
    const heading = /^(\/\S*[^/])\/?:$/.exec(line)?.[1];
    if (heading !== undefined) directory = heading;
    const entry = /^([-dlsrwx]{10}) +\d+ +\S+ +\S+ +\d+ \w{3} +\d+ [\d:]+ (\S+)(?: (-> \S+))?$/.exec(line);
    const [mode, name, target] = [entry?.[1] ?? '', entry?.[2] ?? '', entry?.[3]];
    if (name === '' || name === '.' || name === '..' || /^unit-(?!probe)\w+-\d+$/.test(name)) continue;
    entries.set(name.startsWith('/') ? name : join(real(directory), name), target ?? mode);
  }
  return entries;
}

/** The unit's tools directory is a link to the one of the version. */
const real = (directory: string): string => directory.replace('tools/unit-probe-0', 'tools/4.1-beta2-ubuntu-amd64');

/** The same of a machine. */
function layoutOf(machine: Machine, directories: Iterable<string>, others: Iterable<string>): Layout {
  const entries = new Map<string, string>();
  const look = (path: string): void => {
    const found = lstatSync(machine.hostPath(path), { throwIfNoEntry: false });
    if (found === undefined) return;
    const link = found.isSymbolicLink();
    const kind = found.isDirectory() ? 'd' : found.isSocket() ? 's' : '-';
    const bits = [...(found.mode & 0o777).toString(2).padStart(9, '0')];
    const mode = kind + bits.map((bit, index) => (bit === '1' ? 'rwx'[index % 3] : '-')).join('');
    entries.set(path, link ? `-> ${readlinkSync(machine.hostPath(path))}` : mode);
  };
  for (const path of others) look(path);
  for (const directory of directories)
    if (existsSync(machine.hostPath(directory)))
      for (const name of readdirSync(machine.hostPath(directory))) look(join(directory, name));
  return entries;
}

(able && recording !== undefined ? describe : describe.skip)('what a charm finds on its machine', () => {
  it('lies where Juju puts it: tools, charm, agent', async () => {
    const recorded = recordedLayout(readFileSync(recording ?? '', 'utf8'));
    const set = await StageSet.prepare(dirname(recording ?? ''));
    const emulator = await Emulator.create({ seed, model: `layout-${process.pid}` });
    try {
      // The recorded charm was made of files that their owner may write; the recordings here may be read-only.
      for (const file of readdirSync(join(set.directory, 'probe2'), { recursive: true, encoding: 'utf8' })) {
        const path = join(set.directory, 'probe2', file);
        chmodSync(path, lstatSync(path).mode | 0o200);
      }
      const blob = join(set.directory, 'blob.txt');
      writeFileSync(blob, 'blob\n');
      await emulator.deploy(join(set.directory, 'probe2'), {
        storage: { data: 'rootfs,100M' },
        resources: { blob },
      });
      await emulator.settle();
      const paths = [...recorded.keys()].filter((path) => !path.startsWith('/var/log/'));
      const directories = new Set(paths.filter((path) => path.startsWith('/var/lib/juju/')).map(dirname));
      const ours = layoutOf(emulator.machineOf('probe/0'), directories, paths);
      const different = [...new Set([...paths, ...ours.keys()])]
        .filter((path) => recorded.get(path) !== ours.get(path) && known[path] === undefined)
        .map((path) => `${path}: recorded ${recorded.get(path) ?? 'nothing'}, emulator ${ours.get(path) ?? 'nothing'}`);
      expect(paths.length).toBeGreaterThan(0);
      expect(different).toEqual([]);
    } finally {
      await emulator.destroy();
      await set.remove();
    }
  }, 180_000);
});
