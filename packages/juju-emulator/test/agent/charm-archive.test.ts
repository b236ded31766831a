import { lstatSync, readFileSync, readlinkSync, statSync, writeFileSync, existsSync, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { readCharm } from '../../src/agent/charm-archive';
import { deployCharm } from '../../src/agent/charm-deployer';
import { scratchDirectory } from '../support/scratch';

type Entry = readonly [name: string, content: string, mode: number];

/** A .charm with these entries; a mode of 0o120777 makes a symlink. */
async function pack(entries: readonly Entry[]): Promise<string> {
  const zip = new ZipFile();
  for (const [name, content, mode] of entries) zip.addBuffer(Buffer.from(content), name, { mode });
  zip.end();
  const path = join(scratchDirectory('charm'), 'x.charm');
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}
const metadata: Entry = ['metadata.yaml', 'name: x\nsummary: s\ndescription: d\n', 0o100644];
const target = () => {
  const base = scratchDirectory('unit');
  return { charm: join(base, 'charm'), manifest: join(base, 'state/manifest.json') };
};

describe('a packed charm', () => {
  it('is unpacked with its modes and links; known hooks become executable, dispatch does not', async () => {
    const path = await pack([
      metadata,
      ['dispatch', '#!/bin/sh\n', 0o100755],
      ['hooks/install', '../dispatch', 0o120777],
      ['hooks/start', '#!/bin/sh\n', 0o100644],
      ['lib/a', 'a', 0o100640],
    ]);
    const { charm, manifest } = target();
    await deployCharm(path, charm, manifest, 3);
    expect(statSync(join(charm, 'dispatch')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(charm, 'hooks/install'))).toBe('../dispatch');
    expect(statSync(join(charm, 'hooks/start')).mode & 0o777).toBe(0o744);
    expect(statSync(join(charm, 'lib/a')).mode & 0o777).toBe(0o640);
    expect(readFileSync(join(charm, 'revision'), 'utf8')).toBe('3');
    expect((await readCharm(path)).name).toBe('x');
  });

  it('replaces an older one: what only the old archive had goes, what the charm made stays', async () => {
    const { charm, manifest } = target();
    await deployCharm(await pack([metadata, ['old', '1', 0o100644], ['both', '1', 0o100644]]), charm, manifest, 0);
    writeFileSync(join(charm, 'own'), 'made by a hook');
    await deployCharm(await pack([metadata, ['both', '2', 0o100644]]), charm, manifest, 1);
    expect(existsSync(join(charm, 'old'))).toBe(false);
    expect(readFileSync(join(charm, 'both'), 'utf8')).toBe('2');
    expect(readFileSync(join(charm, 'own'), 'utf8')).toBe('made by a hook');
  });

  it.each([
    ['/etc/passwd', 'is absolute'],
    ['../../etc/passwd', 'leads out of scope'],
  ])('is refused as a whole when a link points to %s', async (link, why) => {
    const path = await pack([metadata, ['link', link, 0o120777]]);
    await expect(readCharm(path)).rejects.toThrow(`cannot extract "link": symlink "${link}" ${why}`);
  });

  it.each([
    ['xx/evil', '../evil'],
    ['xetc/evil', '/etc/evil'],
  ])('is refused as a whole when a name leads out of it: %s made %s', async (name, evil) => {
    const path = await pack([metadata, [name, 'x', 0o100644]]);
    const bytes = readFileSync(path, 'latin1');
    writeFileSync(path, Buffer.from(bytes.replaceAll(name, evil), 'latin1'));
    await expect(readCharm(path)).rejects.toThrow(new RegExp(`^cannot extract charm ${path}: .*${evil}`));
  });

  it('is refused when it is no zip', async () => {
    const path = await pack([metadata]);
    writeFileSync(path, 'not a zip at all');
    await expect(readCharm(path)).rejects.toThrow(`zip: not a valid zip file: ${path}`);
  });

  it('may not put a link outside itself', async () => {
    const { charm, manifest } = target();
    const path = await pack([metadata, ['link', '../../etc/passwd', 0o120777]]);
    await expect(deployCharm(path, charm, manifest, 0)).rejects.toThrow('leads out of scope');
    expect(lstatSync(charm).isDirectory()).toBe(true);
    expect(existsSync(join(charm, 'link'))).toBe(false);
  });

  it('needs a metadata.yaml with a name', async () => {
    await expect(readCharm(await pack([['dispatch', '', 0o100755]]))).rejects.toThrow(
      'archive file "metadata.yaml" not found',
    );
    await expect(readCharm(await pack([['metadata.yaml', 'summary: s\n', 0o100644]]))).rejects.toThrow(
      'metadata: name: expected string, got nothing',
    );
    await expect(readCharm('/nonexistent.charm')).rejects.toThrow('cannot read charm /nonexistent.charm');
  });
});
