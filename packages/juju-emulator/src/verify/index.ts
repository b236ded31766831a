import { readFile } from 'node:fs/promises';
import type { Order } from '../uniter';
import { verifyClient } from './cli';
import { isClientDirectory, verifyClientDirectory } from './cli/directory';
import { verifyEnvironments } from './env';
import { verifyHookRuns } from './hookruns';
import { verifyHookTools } from './hooktools';
import type { VerifyResult } from './result';
import { verifyServer } from './server';
import { verifyTraces } from './traces';

export type { Difference, VerifyResult } from './result';

/** A recording that cannot be replayed. Nothing has been changed; the message says what to do. */
export class VerifyError extends Error {
  readonly code = 'cannot-replay';
  readonly operation = 'verify';
  readonly retryable = false;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'VerifyError';
  }
}

/** Kinds of recordings, told by keys that only their lines have. Each replays a file. */
const kinds: readonly {
  readonly keys: readonly string[];
  readonly replay: (path: string, lines: readonly unknown[], order?: Order) => VerifyResult | Promise<VerifyResult>;
}[] = [
  { keys: ['initial', 'steps'], replay: (_path, lines, order) => verifyTraces(lines, order) },
  { keys: ['tool', 'argv'], replay: (path) => verifyHookTools(path) },
  { keys: ['handler', 'context'], replay: (path) => verifyHookRuns(path) },
  { keys: ['command', 'stdout'], replay: (_path, lines) => verifyClient(lines) },
  { keys: ['hostEnv', 'vars'], replay: (path) => verifyEnvironments(path) },
  { keys: ['as', 'commitError'], replay: (_path, lines) => verifyServer(lines) },
  { keys: ['setup', 'unit'], replay: (_path, lines) => verifyServer(lines) },
];

/**
 * Replays a file of recordings (one JSON object a line) on the emulator's own code. What kind they are follows from their keys.
 * @param order hook traces only: decides where Juju's order is unspecified; ascending ids by default
 * @throws VerifyError if the file cannot be read, is not JSON lines, or holds recordings of an unknown kind
 */
export async function verifyFile(path: string, order?: Order): Promise<VerifyResult> {
  if (isClientDirectory(path)) return verifyClientDirectory(path);
  const lines = parse(
    path,
    await readFile(path, 'utf8').catch((error: unknown) => {
      throw new VerifyError(`Cannot read ${path}: give the path of a file of recordings.`, error);
    }),
  );
  const first = lines[0];
  if (first === undefined) throw new VerifyError(`${path} is empty: there is nothing to replay.`);
  const kind = kinds.find(({ keys }) => keys.every((key) => key in first));
  if (kind === undefined) {
    const known = kinds.map(({ keys }) => keys.join('+')).join(', ');
    throw new VerifyError(`${path} holds recordings of an unknown kind: its lines have none of the keys ${known}.`);
  }
  return kind.replay(path, lines, order);
}

function parse(path: string, text: string): object[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch (error) {
        throw new VerifyError(`${path}:${String(number)} is not JSON: recordings have one JSON object a line.`, error);
      }
      if (typeof value !== 'object' || value === null) {
        throw new VerifyError(`${path}:${String(number)} is not a JSON object: recordings have one a line.`);
      }
      return value;
    });
}
