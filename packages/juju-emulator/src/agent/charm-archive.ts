import { createWriteStream } from 'node:fs';
import { chmod, cp, mkdir, readFile, readdir, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Entry, ZipFile } from 'yauzl';
import { open } from 'yauzl';
import type { CharmSpec } from '../model';
import { ModelError, parseCharm } from '../model';

const openZip = promisify<string, { lazyEntries: boolean }, ZipFile>((path, options, done) =>
  open(path, options, done as never),
);

const symlinkType = 0o120000;
const modeOf = (entry: Entry): number => (entry.externalFileAttributes >>> 16) & 0xffff;

/** Walks the entries of a zip one by one. */
async function eachEntry(path: string, visit: (zip: ZipFile, entry: Entry) => Promise<void>): Promise<void> {
  const zip = await openZip(path, { lazyEntries: true }).catch((cause: unknown) => {
    throw new ModelError('not-valid', 'read charm', `zip: not a valid zip file: ${path}`, { cause });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      zip.on('entry', (entry: Entry) => {
        visit(zip, entry).then(() => zip.readEntry(), reject);
      });
      zip.on('end', resolve);
      // yauzl refuses names that are absolute or lead out of the archive.
      zip.on('error', (cause: Error) =>
        reject(new ModelError('not-valid', 'read charm', `cannot extract charm ${path}: ${cause.message}`, { cause })),
      );
      zip.readEntry();
    });
  } finally {
    zip.close();
  }
}

const readStream = (zip: ZipFile, entry: Entry): Promise<NodeJS.ReadableStream> =>
  new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );

async function readText(zip: ZipFile, entry: Entry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await readStream(zip, entry)) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

const yamlFiles = ['metadata.yaml', 'config.yaml', 'actions.yaml', 'manifest.yaml', 'version'] as const;

/** Reads what the model needs of a charm: a `.charm` zip or a plain directory. */
export async function readCharm(path: string): Promise<CharmSpec> {
  const texts: Record<string, string> = {};
  const info = await stat(path).catch((cause: unknown) => {
    throw new ModelError('not-found', 'read charm', `cannot read charm ${path}: ${String((cause as Error).message)}`);
  });
  if (info.isDirectory()) {
    for (const name of yamlFiles) {
      const text = await readFile(join(path, name), 'utf8').catch(() => undefined);
      if (text !== undefined) texts[name] = text;
    }
  } else {
    await eachEntry(path, async (zip, entry) => {
      await checkLink(zip, entry);
      if ((yamlFiles as readonly string[]).includes(entry.fileName)) texts[entry.fileName] = await readText(zip, entry);
    });
  }
  const metadata = texts['metadata.yaml'];
  if (metadata === undefined)
    throw new ModelError('not-valid', 'read charm', `archive file "metadata.yaml" not found in ${path}`);
  return parseCharm({
    metadata,
    config: texts['config.yaml'],
    actions: texts['actions.yaml'],
    manifest: texts['manifest.yaml'],
    version: texts.version,
  });
}

/** Names of the charm's files and directories, for the upgrade rule: what the old archive had and the new one has not is deleted. */
export async function listCharm(path: string): Promise<string[]> {
  const names: string[] = [];
  if ((await stat(path)).isDirectory()) {
    for (const entry of await readdir(path, { withFileTypes: true, recursive: true }))
      names.push(join(entry.parentPath, entry.name).slice(path.length + 1));
  } else {
    await eachEntry(path, (_zip, entry) => {
      names.push(entry.fileName.replace(/\/$/, ''));
      return Promise.resolve();
    });
  }
  return names.sort();
}

/** Unpacks a charm over a directory as Juju does: modes kept, symlinks kept when they stay inside, known hooks made executable. */
export async function unpackCharm(path: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o755 });
  if ((await stat(path)).isDirectory())
    await cp(path, target, { recursive: true, verbatimSymlinks: true, force: true });
  else await eachEntry(path, (zip, entry) => unpackEntry(zip, entry, target));
  for (const hook of await readdir(join(target, 'hooks'), { withFileTypes: true }).catch(() => [])) {
    if (!hook.isFile()) continue;
    const file = join(target, 'hooks', hook.name);
    await chmod(file, ((await stat(file)).mode & 0o777) | 0o100);
  }
}

/** Where a symlink of the archive points, undefined for other entries. It must stay inside the charm. */
async function checkLink(zip: ZipFile, entry: Entry): Promise<string | undefined> {
  if ((modeOf(entry) & 0o170000) !== symlinkType) return undefined;
  const link = await readText(zip, entry);
  const refuse = (why: string): ModelError =>
    new ModelError('not-valid', 'unpack charm', `cannot extract "${entry.fileName}": symlink "${link}" ${why}`);
  if (link.startsWith('/')) throw refuse('is absolute');
  if (normalize(join(dirname(entry.fileName), link)).startsWith('..')) throw refuse('leads out of scope');
  return link;
}

async function unpackEntry(zip: ZipFile, entry: Entry, target: string): Promise<void> {
  const name = normalize(entry.fileName);
  if (name.startsWith('..') || name.startsWith('/'))
    throw new ModelError('not-valid', 'unpack charm', `archive entry ${entry.fileName} points outside the charm`);
  const file = join(target, name);
  const mode = modeOf(entry);
  if (entry.fileName.endsWith('/')) {
    await mkdir(file, { recursive: true });
    return;
  }
  await mkdir(dirname(file), { recursive: true });
  await rm(file, { force: true });
  const link = await checkLink(zip, entry);
  if (link !== undefined) {
    await symlink(link, file);
    return;
  }
  await pipeline(await readStream(zip, entry), createWriteStream(file, { mode: mode & 0o777 || 0o644 }));
  await chmod(file, mode & 0o777 || 0o644);
}
