import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

/** The first moment that a zip can name; local time, because that is what yazl writes: the same bytes in every time zone. */
const mtime = new Date(1980, 0, 1);

/**
 * A file of an archive: content, or content that was deflated before.
 * @typedef {{ content?: Buffer, deflated?: import('./deflated-file.mjs').DeflatedFile, executable?: boolean }} ArchiveEntry
 */

/**
 * Writes a zip whose bytes depend on nothing but its content: sorted, one fixed time, unix modes 0755 and 0644.
 * Written beside the target and renamed, so that a reader never sees half of it.
 * @param {string} target
 * @param {Map<string, ArchiveEntry>} entries path in the zip -> file
 */
export async function writeArchive(target, entries) {
  const zip = new yazl.ZipFile();
  const failed = new Promise((_, reject) => {
    zip.once('error', reject);
  });
  for (const path of [...entries.keys()].sort()) {
    const { content, deflated, executable } = entries.get(path);
    const options = { mtime, forceDosTimestamp: true, mode: executable ? 0o100755 : 0o100644 };
    if (deflated === undefined) zip.addBuffer(content, path, options);
    else addDeflated(zip, path, deflated, options);
  }
  zip.end();
  const temporary = `${target}.${process.pid}`;
  try {
    await Promise.race([pipeline(zip.outputStream, createWriteStream(temporary)), failed]);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * yazl can store or deflate, but not take what is deflated already. So it is added as stored, and its entry is told what it
 * really is before the header is written: not earlier than when an entry before it was deflated, which is never in this turn.
 */
function addDeflated(zip, path, { deflated, crc32, size }, options) {
  if (zip.entries.length === 0) throw new Error(`${path} cannot be the first entry`);
  zip.addBuffer(deflated, path, { ...options, compress: false });
  Object.assign(zip.entries.at(-1), { compressionLevel: 6, crc32, uncompressedSize: size });
}
