import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const directory = process.env['GOLDEN_DIR'] ?? resolve(__dirname, '../../../../../shared/golden');

/** A recording's path, or undefined where there are none (then the replay is skipped, visibly). */
export function goldenFile(name: string): string | undefined {
  const path = resolve(directory, name);
  if (existsSync(path)) return path;
  process.stdout.write(`skipped: no recordings at ${path} (set GOLDEN_DIR)\n`);
  return undefined;
}

/** The lines of a recording; none where there is no recording. */
export function goldenLines<Line>(path: string | undefined): Line[] {
  if (path === undefined) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}
