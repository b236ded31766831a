import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from './scratch';

/** A file that charms of a test append to; it outlives their machines and is gone when the tests are done. */
export class TestRecord {
  readonly file = join(scratchDirectory('charm-record'), 'lines');

  /** What was written so far; with a prefix only the lines that have it, without it. */
  lines(prefix = ''): string[] {
    if (!existsSync(this.file)) return [];
    return readFileSync(this.file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && line.startsWith(prefix))
      .map((line) => line.slice(prefix.length));
  }

  clear(): void {
    rmSync(this.file, { force: true });
  }
}
