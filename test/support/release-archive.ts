import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';

/** e_machine of an ELF header: elf.h. */
export const elfMachines = { x64: 62, arm64: 183 } as const;

/** The first 64 bytes of a 64-bit little-endian Linux program for a machine: enough to be told by, not to run. */
function elfHeader(machine: number): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header.set([2, 1, 1], 4); // 64 bit, little-endian, version 1
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(machine, 18);
  return header;
}

/** Makes an archive with the layout of etcd's releases whose programs are only headers. Gives its path. */
export async function headerOnlyArchive(
  directory: string,
  version: string,
  architecture: keyof typeof elfMachines,
): Promise<string> {
  const name = `etcd-v${version}-linux-${architecture === 'x64' ? 'amd64' : architecture}`;
  mkdirSync(join(directory, name), { recursive: true });
  for (const program of ['etcd', 'etcdctl'])
    writeFileSync(join(directory, name, program), elfHeader(elfMachines[architecture]), { mode: 0o755 });
  const file = join(directory, `${name}.tar.gz`);
  await create({ file, cwd: directory, gzip: true }, [name]);
  return file;
}

/** The first half of an archive. */
export function truncatedArchive(directory: string, whole: string): string {
  const file = join(directory, 'truncated.tar.gz');
  const bytes = readFileSync(whole);
  writeFileSync(file, bytes.subarray(0, bytes.length / 2));
  return file;
}

/** A file that begins with these bytes. */
export function fileOf(directory: string, name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}
