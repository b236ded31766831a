import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What V8 made of a program's functions, as runs of it left it behind. */
export interface CompiledCode {
  /** V8's own format (vm.Script.createCachedData). */
  readonly data: Buffer;
  /** Names of the runs whose functions are in it. */
  readonly runs: readonly string[];
}

interface Trailer {
  readonly program: string;
  readonly runs: readonly string[];
}

const digestLength = 32;
const lengthLength = 4;

const digestOf = (content: Buffer): Buffer => createHash('sha256').update(content).digest();

/**
 * Code of exactly this program, or null: where there is none, or of another program, or damaged. V8 crashes on damaged code, and takes any
 * program of the same length for the right one, so that both are looked at here.
 *
 * The file: V8's data; a JSON text with what it belongs to; that text's length (uint32, little endian); SHA-256 of all before it.
 * @param program names the program's content and the Node that compiled it.
 */
export function readCode(path: string, program: string): CompiledCode | null {
  try {
    const file = readFileSync(path);
    const content = file.subarray(0, file.length - digestLength);
    if (!digestOf(content).equals(file.subarray(content.length))) return null;
    const end = content.length - lengthLength;
    const begin = end - content.readUInt32LE(end);
    const trailer = JSON.parse(content.toString('utf8', begin, end)) as Trailer;
    return trailer.program === program ? { data: content.subarray(0, begin), runs: trailer.runs } : null;
  } catch {
    return null;
  }
}

/** Puts the code there at once or not at all; where it cannot be written, the next run compiles again, and that is all. */
export function writeCode(path: string, program: string, { data, runs }: CompiledCode): void {
  const trailer = Buffer.from(JSON.stringify({ program, runs } satisfies Trailer));
  const length = Buffer.alloc(lengthLength);
  length.writeUInt32LE(trailer.length);
  const content = Buffer.concat([data, trailer, length]);
  const part = `${path}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    try {
      writeFileSync(part, Buffer.concat([content, digestOf(content)]), { mode: 0o600 });
      renameSync(part, path);
    } catch {
      // A full disk shall not be held by half a file.
      rmSync(part, { force: true });
    }
  } catch {
    // Said above.
  }
}
