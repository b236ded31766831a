import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';

/**
 * An archive in the shape of a release of some version, with programs for this machine that are not etcd: for refusals, which must
 * come before any of them is run.
 */
export async function archiveShapedAs(directory: string, version: string): Promise<string> {
  const top = `etcd-v${version}-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  await mkdir(join(directory, top), { recursive: true });
  for (const name of ['etcd', 'etcdctl']) {
    await copyFile('/bin/true', join(directory, top, name));
    await chmod(join(directory, top, name), 0o755);
  }
  const file = join(directory, `${top}.tar.gz`);
  await create({ file, cwd: directory, gzip: true }, [top]);
  return file;
}
