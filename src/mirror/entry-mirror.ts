import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { CharmError } from '../domain/errors';
import type { ClusterId, Url } from '../domain/ids';
import { largestFile, type MirrorEntry, type MirrorNote, type MirrorVerdict } from '../domain/mirror';
import type { EtcdKeys } from '../ports/etcd-keys';
import type { Files } from '../ports/files';
import type { Processes } from '../ports/processes';
import { decide, isOther } from './decide';
import type { EntryState } from './mirror-state';

/** What one entry's mirror works with. */
export interface EntryPorts {
  /** The unit's own; null while it is not known. */
  readonly cluster: ClusterId | null;
  readonly files: Files;
  readonly processes: Processes;
  /** Directory that plays `/`. */
  readonly root: string;
  /** Directory for contents that no key had and that a key replaced. */
  readonly replaced: string;
  readonly say: (line: string) => void;
}

const reloadTimeoutMs = 60_000;

export const contentHash = (content: Buffer | null): string | null =>
  content === null ? null : createHash('sha256').update(content).digest('hex');

/** The content of a mirrored file; null where it is not there. */
export async function readContent(files: Files, path: string): Promise<Buffer | null> {
  const size = await files.size(path);
  if (size === null) return null;
  // One byte more than a key takes tells that it is too large.
  return files.readPart(path, 0, Math.min(size, largestFile) + 1);
}

/** Keeps one key and its file in step; `save` keeps the state on disk before it is relied upon. */
export class EntryMirror {
  note: MirrorNote;
  readonly path: string;
  private readonly entry: MirrorEntry;
  private readonly ports: EntryPorts;
  private readonly save: () => Promise<void>;

  constructor(
    entry: MirrorEntry,
    ports: EntryPorts,
    private current: EntryState,
    save: () => Promise<void>,
  ) {
    this.entry = entry;
    this.ports = ports;
    this.save = save;
    this.path = join(ports.root, entry.file);
    this.note = { key: entry.key, file: entry.file, verdict: 'unused', why: null };
  }

  get state(): EntryState {
    return this.current;
  }

  /** What a write that was killed left behind. */
  async tidy(): Promise<void> {
    const directory = dirname(this.path);
    const leftover = (name: string): boolean => name.startsWith(`.${basename(this.path)}.`) && /\.\d+\.new$/.test(name);
    for (const name of ((await this.ports.files.list(directory)) ?? []).filter(leftover))
      await this.ports.files.remove(join(directory, name));
  }

  /** Looks at both and brings them in step; false where another one was first and they are to be looked at again. Throws `ETCD_…`, and `OTHER_CLUSTER` before anything is written. */
  async look(keys: EtcdKeys, endpoint: Url): Promise<boolean> {
    const { cluster, present } = await keys.readOf(endpoint, this.entry.key);
    const { cluster: own } = this.ports;
    if (isOther(own, cluster))
      throw new CharmError({
        code: 'OTHER_CLUSTER',
        operation: 'mirror',
        message: `a member of cluster ${cluster} answers, and this unit belongs to ${own ?? 'none'}`,
        retryable: true,
      });
    try {
      return await this.bringInStep(present?.value ?? null, keys, endpoint);
    } catch (error) {
      if (!(error instanceof CharmError) || error.code.startsWith('ETCD_')) throw error;
      this.conclude('failed', error.message);
      return true;
    }
  }

  /** Nothing is done until another cluster answers, or the charm writes down that this one is the unit's. */
  waitForCluster(why: string): void {
    this.conclude('other-cluster', why);
  }

  private async bringInStep(value: Buffer | null, keys: EtcdKeys, endpoint: Url): Promise<boolean> {
    const { key, file } = this.entry;
    const { files, say } = this.ports;
    const content = await readContent(files, this.path);
    const hashes = { key: contentHash(value), file: contentHash(content) };
    const { writing } = this.current;
    // Killed right after the file was written: what is there is no edit of anybody, whatever the key became since.
    if (writing !== null) await this.change({ writing: null, ...(writing === hashes.file ? { common: writing } : {}) });
    const decision = decide(this.current, hashes);
    switch (decision.kind) {
      case 'nothing':
        if (decision.verdict === 'in-step') await this.change({ common: hashes.key });
        await this.reload(hashes.file);
        this.conclude(decision.verdict);
        return true;
      case 'create-key': {
        if (content === null) return true;
        if (content.length > largestFile) {
          this.conclude('failed', `it is larger than ${largestFile} bytes and no key is made of it`);
          return true;
        }
        // At the member that has just answered: etcd compares no cluster's id in a transaction.
        const { written } = await keys.put(endpoint, key, content, null);
        if (!written) return false;
        say(`${key} was absent and has now what ${file} has (${content.length} bytes).`);
        await this.change({ common: hashes.file });
        this.conclude('in-step');
        return true;
      }
      case 'write-file':
        await this.write(value ?? Buffer.alloc(0), hashes.key, decision.keep ? content : null);
        await this.reload(hashes.key);
        this.conclude('in-step');
        return true;
    }
  }

  private async write(value: Buffer, hash: string | null, before: Buffer | null): Promise<void> {
    const { files, replaced, say } = this.ports;
    const { file, reload, mode, owner } = this.entry;
    // Before the file: a crash between must lose neither the reload nor who wrote it.
    await this.change({ writing: hash, ...(reload === null ? {} : { toReload: hash }) });
    if (before !== null) {
      const kept = join(replaced, file.slice(1).replaceAll('/', '_'));
      await files.makeDirectory(replaced, { mode: 0o700 });
      await files.writeAtomic(kept, before, { mode: 0o600 });
      say(`${file} had content that its key never had; it is kept in ${kept}.`);
    }
    const directory = dirname(this.path);
    if ((await files.list(directory)) === null) await files.makeDirectory(directory, { mode: 0o755 });
    await files.writeAtomic(this.path, value, { mode, ...(owner === null ? {} : { owner }) });
    await this.change({ common: hash, writing: null });
    say(`${file} was written from its key (${value.length} bytes).`);
  }

  /** At least once for each content that was written and stayed. */
  private async reload(hash: string | null): Promise<void> {
    const { reload, file } = this.entry;
    if (this.current.toReload === null) return;
    if (reload !== null && this.current.toReload === hash) {
      await this.ports.processes.run('/bin/sh', ['-c', reload], { timeoutMs: reloadTimeoutMs });
      this.ports.say(`${file}: its reload command was run.`);
    }
    await this.change({ toReload: null });
  }

  private conclude(verdict: MirrorVerdict, why: string | null = null): void {
    const { note } = this;
    if (note.verdict === verdict && note.why === why) return;
    this.note = { ...note, verdict, why };
    if (verdict === 'edited-here')
      this.ports.say(`${note.file} was changed on this unit and its key was not: it is neither sent nor overwritten.`);
    if (verdict === 'failed') this.ports.say(`${note.file}: ${why ?? ''}`);
  }

  private async change(changes: Partial<EntryState>): Promise<void> {
    const next = { ...this.current, ...changes };
    if (JSON.stringify(next) === JSON.stringify(this.current)) return;
    this.current = next;
    await this.save();
  }
}
