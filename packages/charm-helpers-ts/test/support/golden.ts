import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const directory = process.env['GOLDEN_DIR'] ?? resolve(__dirname, '../../../../../shared/golden');

/** `describe` where the recordings are there; else it is skipped, and says so. */
export function describeGolden(
  name: string,
  file: string,
  body: (lines: readonly Record<string, unknown>[]) => void,
): void {
  const path = join(directory, file);
  if (!existsSync(path)) {
    console.log(`SKIPPED: ${name}: no ${path}; set GOLDEN_DIR to the directory of the recordings`);
    describe.skip(name, () => {
      it('needs the recordings', () => undefined);
    });
    return;
  }
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  describe(name, () => body(lines));
}
