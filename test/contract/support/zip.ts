import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import yauzl, { type Entry, type ZipFile as OpenZip } from 'yauzl';

export interface ZipFile {
  readonly path: string;
  /** As `st_mode`. */
  readonly mode: number;
  readonly content: Buffer | null;
}

/** All files of a zip, in the order of its directory. */
export async function readZip(path: string): Promise<readonly ZipFile[]> {
  const files: ZipFile[] = [];
  await eachEntry(path, async (zip, entry) => {
    const content = await buffer(await promisify(zip.openReadStream.bind(zip))(entry));
    files.push({ path: entry.fileName, mode: modeOf(entry), content });
  });
  return files;
}

/** Unpacks a zip as Juju does: with the modes that it names. */
export async function unpackZip(path: string, dir: string): Promise<void> {
  await eachEntry(path, async (zip, entry) => {
    const target = join(dir, entry.fileName);
    mkdirSync(dirname(target), { recursive: true });
    const stream = await promisify(zip.openReadStream.bind(zip))(entry);
    await pipeline(stream, createWriteStream(target, { mode: modeOf(entry) & 0o777 }));
  });
}

const modeOf = (entry: Entry): number => entry.externalFileAttributes >>> 16;

async function eachEntry(path: string, use: (zip: OpenZip, entry: Entry) => Promise<void>): Promise<void> {
  const zip = await promisify<string, yauzl.Options, OpenZip>(yauzl.open)(path, { lazyEntries: true, autoClose: true });
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      use(zip, entry).then(() => zip.readEntry(), reject);
    });
    zip.readEntry();
  });
}
