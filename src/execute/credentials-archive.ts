import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** One file of an archive; nobody but its owner may read it when it is unpacked. */
export interface ArchivedFile {
  readonly name: string;
  readonly content: string;
}

const blockBytes = 512;

/**
 * A tar.gz made in memory: what is in it is secret and never lies on the disk in another form. Entries belong to nobody in
 * particular (uid 0), so whoever unpacks it owns them.
 * @param directory what all files are in; null for none
 * @param modified milliseconds since the epoch
 */
export async function makeArchive(
  directory: string | null,
  files: readonly ArchivedFile[],
  modified: number,
): Promise<Buffer> {
  const { Header } = await import('tar');
  const mtime = new Date(modified - (modified % 1000));
  const blocks: Buffer[] = [];
  const header = (path: string, type: 'File' | 'Directory', mode: number, size: number): void => {
    const block = Buffer.alloc(blockBytes);
    new Header({ path, type, mode, size, mtime, uid: 0, gid: 0, uname: 'root', gname: 'root' }).encode(block, 0);
    blocks.push(block);
  };
  if (directory !== null) header(`${directory}/`, 'Directory', 0o700, 0);
  for (const { name, content } of files) {
    const bytes = Buffer.from(content, 'utf8');
    header(directory === null ? name : `${directory}/${name}`, 'File', 0o600, bytes.length);
    blocks.push(bytes, Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes));
  }
  // POSIX: two empty blocks at the end.
  blocks.push(Buffer.alloc(2 * blockBytes));
  return promisify(gzip)(Buffer.concat(blocks), { level: 9 });
}
