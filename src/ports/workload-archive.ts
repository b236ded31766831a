import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { etcdVersion, type EtcdVersion } from '../domain/ids';

/** What stands in a release archive, or why it cannot be used. */
export interface ArchiveReport {
  readonly version: EtcdVersion | null;
  /** As Node names it: `x64`, `arm64`. */
  readonly architecture: string | null;
  readonly sha256: string | null;
  /** For the operator: `is truncated`, `is a snap`, ... */
  readonly problem: string | null;
}

/** Programs of a release; etcdutl is there from 3.5 on. */
export const programs = ['etcd', 'etcdctl', 'etcdutl'] as const;

/** `etcd-v3.5.16-linux-amd64/etcd`: the layout of etcd's own releases. */
const entryPattern = /^(?:\.\/)?etcd-v(\d+\.\d+\.\d+)-linux-[a-z0-9]+\/(etcd|etcdctl|etcdutl)$/;

/** e_machine of an ELF header (elf.h), as Node names the architecture. */
const machines: ReadonlyMap<number, string> = new Map([
  [3, 'ia32'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
]);

/** The architecture that an ELF header is for; null where these bytes are no 64- or 32-bit little- or big-endian ELF. */
export function elfArchitecture(header: Buffer): string | null {
  if (header.length < 20 || header.readUInt32BE(0) !== 0x7f454c46) return null;
  const machine = header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18);
  return machines.get(machine) ?? `machine-${machine}`;
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

const unusable = (problem: string): ArchiveReport => ({ version: null, architecture: null, sha256: null, problem });

/**
 * Looks through a release archive from its first to its last byte, so that a truncated one is found now and not at unpacking.
 * @returns null for an empty file: that is Juju's way to say that there is none.
 */
export async function inspectArchive(path: string): Promise<ArchiveReport | null> {
  if ((await stat(path)).size === 0) return null;
  const magic = await firstBytes(path, 4);
  if (magic.toString('latin1') === 'hsqs') {
    return unusable('is a snap; attach the release archive of etcd instead (etcd-vX.Y.Z-linux-ARCH.tar.gz)');
  }
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return unusable('is not a tar.gz archive');

  const [{ Parser }, { createGunzip }] = await Promise.all([import('tar'), import('node:zlib')]);
  const found = new Map<string, { readonly version: string; readonly header: Buffer }>();
  const hash = createHash('sha256');
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const [, version, program] = entryPattern.exec(entry.path) ?? [];
      if (version === undefined || program === undefined || entry.type !== 'File') {
        entry.resume();
        return;
      }
      let header = Buffer.alloc(0);
      entry.on('data', (chunk: Buffer) => {
        if (header.length < 20) header = Buffer.concat([header, chunk.subarray(0, 20)]);
      });
      entry.on('end', () => found.set(program, { version, header }));
    },
  });
  let ended = false;
  // Two zero blocks are the end of a tar (POSIX ustar): without them something is missing.
  parser.on('eof', () => (ended = true));
  const source = createReadStream(path);
  source.on('data', (chunk) => hash.update(chunk));
  try {
    await pipeline(source, createGunzip(), parser as unknown as NodeJS.WritableStream);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (/unexpected end|truncated/i.test(why)) return unusable('is truncated: upload it again');
    return unusable(`is not a readable tar.gz archive (${why})`);
  }
  if (!ended) return unusable('is truncated: upload it again');
  return judge(found, hash.digest('hex'));
}

function judge(
  found: ReadonlyMap<string, { readonly version: string; readonly header: Buffer }>,
  sha256: string,
): ArchiveReport {
  const server = found.get('etcd');
  if (server === undefined || !found.has('etcdctl')) {
    const missing = server === undefined ? 'etcd' : 'etcdctl';
    return unusable(`has no etcd-vX.Y.Z-linux-ARCH/${missing} in it: attach a release archive of etcd`);
  }
  const version = etcdVersion(server.version);
  const architecture = elfArchitecture(server.header);
  if (architecture === null)
    return { version, architecture, sha256, problem: 'holds a file etcd that is no Linux program' };
  return { version, architecture, sha256, problem: null };
}

/** Unpacks the programs of an archive that {@link inspectArchive} found good, flat, into `directory`. */
export async function unpackArchive(path: string, directory: string): Promise<void> {
  const { x: extract } = await import('tar');
  await extract({
    file: path,
    cwd: directory,
    strip: 1,
    filter: (entry) => entryPattern.test(entry) && (programs as readonly string[]).includes(basename(entry)),
    preserveOwner: false,
  });
}
