import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The client could not be compiled; the message says what to install. */
export class ClientBuildError extends Error {
  override readonly name = 'ClientBuildError';
  readonly code = 'hook-tool-client-build-failed';
  readonly operation = 'compile the hook-tool client';
  readonly retryable = false;
}

/** Where the source lies: beside src in the package; a bundle says it itself. */
export function hookToolSource(): string {
  return process.env['JUJU_EMULATOR_HOOK_TOOL_SOURCE'] ?? join(__dirname, '../../native/hook-tool.c');
}

/**
 * Compiles native/hook-tool.c statically, unless the cache has the result for this very source.
 * @returns the binary's path; tools are symlinks to it (or copies) with the tool's name.
 * @throws ClientBuildError when there is no gcc or it fails.
 */
export async function ensureHookToolClient(cacheDir: string, source = hookToolSource()): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 16);
  const binary = join(cacheDir, `hook-tool-${hash}`);
  try {
    await access(binary);
    return binary;
  } catch {
    // Not built yet.
  }
  await mkdir(cacheDir, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  try {
    await promisify(execFile)('gcc', ['-static', '-O2', '-o', unfinished, source]);
    await rename(unfinished, binary); // two sessions may build at once
  } catch (error) {
    await rm(unfinished, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new ClientBuildError(`Cannot compile the hook-tool client: ${why}. Install gcc and libc6-dev.`, {
      cause: error,
    });
  }
  return binary;
}
