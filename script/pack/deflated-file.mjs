import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import crc32 from 'buffer-crc32';

/**
 * A file as it stands in a zip.
 * @typedef {{ deflated: Buffer, crc32: number, size: number, sha256: string }} DeflatedFile
 */

/**
 * A file that never changes, deflated. Deflating Node takes seconds and every charm carries it, so the outcome is kept
 * beside the file.
 * @param {string} path
 * @returns {Promise<DeflatedFile>}
 */
export function deflatedFile(path) {
  return (deflating[path] ??= deflate(path));
}

/** Done or under way in this process: charms are packed side by side and carry the same file. */
const deflating = {};

async function deflate(path) {
  const facts = `${path}.deflated.json`;
  const kept = await readFile(facts, 'utf8').then(JSON.parse, () => undefined);
  if (kept !== undefined) return { ...kept, deflated: await readFile(`${path}.deflated`) };
  const content = await readFile(path);
  const made = {
    crc32: crc32.unsigned(content),
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  const deflated = await promisify(deflateRaw)(content);
  await replace(`${path}.deflated`, deflated);
  // Last: where the facts are, the deflated file is whole.
  await replace(facts, JSON.stringify(made));
  return { ...made, deflated };
}

async function replace(path, content) {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}
