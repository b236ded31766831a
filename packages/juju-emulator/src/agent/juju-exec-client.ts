import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Where the source lies: beside src in the package; a bundle says it itself. */
export const jujuExecSource = (): string =>
  process.env['JUJU_EMULATOR_JUJU_EXEC_SOURCE'] ?? join(__dirname, '../../native/juju-exec.c');

/** Compiles native/juju-exec.c statically, unless the cache has the result for this very source. Rejects when gcc is missing or fails. */
export async function ensureJujuExec(cacheDir: string, source = jujuExecSource()): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 16);
  const binary = join(cacheDir, `juju-exec-${hash}`);
  if (
    await access(binary).then(
      () => true,
      () => false,
    )
  )
    return binary;
  await mkdir(cacheDir, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  try {
    await promisify(execFile)('gcc', ['-static', '-O2', '-o', unfinished, source]);
    await rename(unfinished, binary); // two sessions may build at once
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw new Error(`cannot compile juju-exec: ${(cause as Error).message}. Install gcc and libc6-dev.`, { cause });
  }
  return binary;
}
