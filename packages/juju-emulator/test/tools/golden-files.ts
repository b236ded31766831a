import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const directory = process.env['GOLDEN_DIR'] ?? resolve(__dirname, '../../../../../shared/golden');

/** A recording's path, or undefined where there are none (then the replay is skipped, visibly). */
export function goldenFile(name: string): string | undefined {
  const path = resolve(directory, name);
  if (existsSync(path)) return path;
  process.stdout.write(`skipped: no recordings at ${path} (set GOLDEN_DIR)\n`);
  return undefined;
}
