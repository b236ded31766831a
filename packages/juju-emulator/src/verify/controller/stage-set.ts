import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainHooks } from './plain-logs';
import { type RecordedHook, hooksOf } from './recording';

/** Where the recording charms write what they see. */
const logDirectory = '/var/log/probe';

/**
 * A scratch directory with what recorded commands name: the charms, which write below it instead of /var/log, and files for
 * resources. `remove` when done.
 */
export class StageSet {
  private constructor(
    readonly directory: string,
    private readonly charms: readonly string[],
  ) {}

  static async prepare(recording: string): Promise<StageSet> {
    const directory = await mkdtemp(join(tmpdir(), 'verify-controller-'));
    const charms = await readdir(join(recording, 'charms'));
    for (const charm of charms) {
      const copy = join(directory, charm);
      await cp(join(recording, 'charms', charm), copy, { recursive: true });
      for (const file of await readdir(copy, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const path = join(file.parentPath, file.name);
        const text = await readFile(path, 'utf8');
        const moved = text
          .replaceAll(logDirectory, join(directory, 'log'))
          .replaceAll('/var/log/tiny', join(directory, 'plain'))
          .replaceAll('/var/log/', `${directory}/`);
        if (moved !== text) await writeFile(path, moved);
      }
    }
    await mkdir(join(directory, 'log'));
    return new StageSet(directory, charms);
  }

  /** What the recording's host had at a path is here: charm files as directories, other files made up. */
  async localised(argument: string): Promise<string> {
    const charm = /^(?:\.\/)?([\w-]+)\.charm$/.exec(argument)?.[1];
    if (charm !== undefined) return this.#charm(charm) ?? argument;
    const resource = /^([\w-]+)=(\/\S+)$/.exec(argument);
    if (resource === null) return argument;
    const path = join(this.directory, (resource[2] ?? '').replaceAll('/', '_'));
    await writeFile(path, `${resource[2] ?? ''}\n`);
    return `${resource[1] ?? ''}=${path}`;
  }

  /** All hooks that have written something so far. */
  async hooks(): Promise<RecordedHook[]> {
    const directory = join(this.directory, 'log');
    const files = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'));
    const text = (await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')))).join('');
    const logs = existsSync(join(this.directory, 'plain')) ? await readdir(join(this.directory, 'plain')) : [];
    const plain = await Promise.all(logs.map((name) => readFile(join(this.directory, 'plain', name), 'utf8')));
    return [...hooksOf(text), ...plain.flatMap(plainHooks)];
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  /** `probe-2.charm` is the directory `probe2`; a first version may be named without its number. */
  #charm(name: string): string | undefined {
    const found = [name, name.replaceAll('-', ''), name.replace(/-1$/, '')].find(
      (each) => this.charms.includes(each) && existsSync(join(this.directory, each)),
    );
    return found === undefined ? undefined : join(this.directory, found);
  }
}
