import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const directory = process.env['GOLDEN_DIR'] ?? resolve(__dirname, '../../../shared/golden');

/** Whether a recording is on this machine; says so where it is not, since tests over it are then skipped. */
export function hasGolden(name: string): boolean {
  const there = existsSync(join(directory, name));
  if (!there) console.log(`SKIPPED: no recording ${join(directory, name)} (set GOLDEN_DIR)`);
  return there;
}

/** The lines of a recording, parsed. */
export function goldenLines<T>(name: string): readonly T[] {
  return readFileSync(join(directory, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
