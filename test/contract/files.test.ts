import { mkdtemp, open, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CharmError } from '../../src/domain/errors';
import { NodeFiles, passwdOwners } from '../../src/ports/files-node';

describe('Files on a real file system', () => {
  let directory: string;
  const files = new NodeFiles();
  const at = (...parts: string[]): string => join(directory, ...parts);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'files-contract-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('what is not there is null, and anything else is an error', async () => {
    expect(await files.read(at('nothing'))).toBeNull();
    expect(await files.list(at('nothing'))).toBeNull();
    expect(await files.readLink(at('nothing'))).toBeNull();
    await expect(files.read(directory)).rejects.toMatchObject({ code: 'FILE_FAILED', retryable: true });
  });

  test('an atomic write has the mode from the start and leaves nothing beside', async () => {
    await files.writeAtomic(at('secret'), 'one', { mode: 0o600 });
    await files.writeAtomic(at('secret'), 'two', { mode: 0o600 });
    expect(await files.read(at('secret'))).toBe('two');
    expect((await stat(at('secret'))).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['secret']);
  });

  test('a write that fails leaves the old content and nothing beside', async () => {
    await files.writeAtomic(at('file'), 'old', { mode: 0o644 });
    const write = files.writeAtomic(at('file'), 'new', { mode: 0o644, owner: 'nobody-of-this-name' });
    await expect(write).rejects.toBeInstanceOf(CharmError);
    expect(await files.read(at('file'))).toBe('old');
    expect(await readdir(directory)).toEqual(['file']);
  });

  test('a link that somebody put at the temporary name is not followed', async () => {
    await files.writeAtomic(at('precious'), 'precious', { mode: 0o644 });
    await symlink(at('precious'), at(`.archive.${process.pid}.new`));
    await files.writeAtomic(at('archive'), Buffer.from([0xff, 0x00]), { mode: 0o600 });
    expect(await files.read(at('precious'))).toBe('precious');
    expect(await files.readPart(at('archive'), 0, 9)).toEqual(Buffer.from([0xff, 0x00]));
    expect(await readdir(directory)).toEqual(['archive', 'precious']);
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot('the owner is looked up by name', async () => {
    const owner = await passwdOwners()('daemon');
    await files.writeAtomic(at('owned'), '', { mode: 0o600, owner: 'daemon' });
    expect((await stat(at('owned'))).uid).toBe(owner?.uid);
  });

  test('a link is replaced in one step, also where it dangles', async () => {
    await files.link('one', at('current'));
    await files.link('two', at('current'));
    expect(await readlink(at('current'))).toBe('two');
    expect(await files.readLink(at('current'))).toBe('two');
    await symlink('gone', at('dangling'));
    await files.link('three', at('dangling'));
    expect(await files.readLink(at('dangling'))).toBe('three');
  });

  test('move keeps a whole directory, append adds lines, and there is free space', async () => {
    await files.makeDirectory(at('data'), { mode: 0o700 });
    await writeFile(at('data', 'file'), 'x');
    await files.move(at('data'), at('aside'));
    expect(await files.list(at('aside'))).toEqual(['file']);
    expect(await files.list(at('data'))).toBeNull();
    await files.append(at('log'), 'one', { mode: 0o644 });
    await files.append(at('log'), 'two\n', { mode: 0o644 });
    expect(await files.read(at('log'))).toBe('one\ntwo\n');
    expect(await files.freeBytes(directory)).toBeGreaterThan(0);
  });

  test('a copy is whole, has its mode and leaves the file that it replaces to whoever has it open', async () => {
    await writeFile(at('program'), 'new');
    await writeFile(at('copy'), 'old');
    const running = await open(at('copy'));
    try {
      await files.copy(at('program'), at('copy'), { mode: 0o755 });
      expect(await running.readFile('utf8')).toBe('old');
    } finally {
      await running.close();
    }
    expect(await files.read(at('copy'))).toBe('new');
    expect((await stat(at('copy'))).mode & 0o777).toBe(0o755);
    await expect(files.copy(at('nothing'), at('copy'), { mode: 0o755 })).rejects.toBeInstanceOf(CharmError);
    expect(await files.read(at('copy'))).toBe('new');
    expect((await readdir(directory)).sort()).toEqual(['copy', 'program']);
  });

  test('what a directory takes on the disk is all below it, a link not followed, and nothing where it is not', async () => {
    await files.makeDirectory(at('all', 'below'), { mode: 0o755 });
    const empty = await files.usage(at('all'));
    await writeFile(at('all', 'one'), 'x'.repeat(100_000));
    await writeFile(at('all', 'below', 'two'), 'x'.repeat(100_000));
    await writeFile(at('elsewhere'), 'x'.repeat(1_000_000));
    await symlink(at('elsewhere'), at('all', 'link'));
    const taken = (await files.usage(at('all'))) - empty;
    expect(taken).toBeGreaterThanOrEqual(200_000);
    expect(taken).toBeLessThan(400_000);
    expect(await files.usage(at('nothing'))).toBe(0);
  });

  test('the size of a file, and null for none', async () => {
    await writeFile(at('file'), 'four');
    expect(await files.size(at('file'))).toBe(4);
    expect(await files.size(at('nothing'))).toBeNull();
  });
});
