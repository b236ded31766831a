/** Files on this machine. Writes are atomic: temporary file, fsync, rename, fsync of the directory (rule 11). */
export interface Files {
  /** null when it does not exist; throws `FILE_FAILED` for anything else. */
  read(path: string): Promise<string | null>;
  /** Up to `length` bytes from `offset` on, fewer only at the end of the file. Null when it does not exist. */
  readPart(path: string, offset: number, length: number): Promise<Buffer | null>;
  writeAtomic(
    path: string,
    content: string | Uint8Array,
    options: { readonly mode: number; readonly owner?: string },
  ): Promise<void>;
  makeDirectory(path: string, options: { readonly mode: number; readonly owner?: string }): Promise<void>;
  list(path: string): Promise<readonly string[] | null>;
  /** Renames on the same file system and syncs both directories. */
  move(from: string, to: string): Promise<void>;
  /** Makes or atomically replaces a symbolic link. */
  link(target: string, path: string): Promise<void>;
  readLink(path: string): Promise<string | null>;
  /** A whole copy that is there at once or not at all; made anew, so that a running program keeps the old one. */
  copy(from: string, to: string, options: { readonly mode: number }): Promise<void>;
  append(path: string, line: string, options: { readonly mode: number }): Promise<void>;
  /** Bytes of a file; null when it does not exist. */
  size(path: string): Promise<number | null>;
  /** Bytes that a file, or all below a directory, take on the disk; 0 when it does not exist. */
  usage(path: string): Promise<number>;
  freeBytes(path: string): Promise<number>;
  remove(path: string): Promise<void>;
}
