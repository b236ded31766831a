import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Files as the agent sees them. On a machine of its own the paths are those inside the machine. */
export interface AgentFiles {
  /** Rejects with Node's errno error (`code` ENOENT, ...). */
  read(path: string): Promise<Uint8Array>;
  write(path: string, data: Uint8Array): Promise<void>;
}

/** Absolute paths relative to `root`, '' for the host itself. */
export function localFiles(root = ''): AgentFiles {
  const locate = (path: string): string => (root === '' ? path : resolve(root, `.${resolve('/', path)}`));
  return {
    read: (path) => readFile(locate(path)),
    write: (path, data) => writeFile(locate(path), data),
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
};

/** Go's text of a failed open: `open PATH: no such file or directory`. */
export function openErrorText(path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const operation = code === 'EISDIR' ? 'read' : 'open';
  return `${operation} ${path}: ${reasons[code] ?? (code === '' ? String(error) : code)}`;
}
