import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readCharm } from '../agent/charm-archive';
import type { AttachedResource } from '../model';
import { ModelError } from '../model';
import type { Clock } from '../store/clock';
import type { Random } from '../store/random';
import type { WorldStore } from '../store/world-store';

/** What uploads need of their controller. */
export interface UploadPorts {
  readonly store: WorldStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the copies are kept. */
  readonly dataDir: string;
}

/** Charms and resources that the controller took in: copies, so that what the operator does with a file afterwards does not matter. */
export class Uploads {
  constructor(private readonly ports: UploadPorts) {}

  /** Takes a charm in and returns the copy's path. */
  async charm(path: string): Promise<string> {
    const { store, dataDir } = this.ports;
    const spec = await readCharm(path);
    const revision = store.world.charmRevisions[spec.name] ?? 0;
    const copy = join(dataDir, 'charms', `${spec.name}-${revision}${path.endsWith('.charm') ? '.charm' : ''}`);
    await mkdir(join(dataDir, 'charms'), { recursive: true });
    await rm(copy, { recursive: true, force: true });
    await cp(path, copy, { recursive: true, verbatimSymlinks: true });
    return copy;
  }

  /** Takes a resource's file in. */
  async resource(application: string, name: string, path: string): Promise<Omit<AttachedResource, 'revision'>> {
    const { clock, dataDir, random } = this.ports;
    const { size } = await stat(path).catch((cause: unknown) => {
      throw new ModelError('not-found', 'upload resource', `file for resource "${name}": ${(cause as Error).message}`);
    });
    const directory = join(dataDir, 'resources', application);
    await mkdir(directory, { recursive: true });
    const copy = join(directory, `${name}-${random.pick(2 ** 31)}`);
    await cp(path, copy);
    const hash = createHash('sha384');
    await pipeline(createReadStream(copy), hash);
    const fingerprint = hash.digest('hex');
    return { path: copy, filename: basename(path), size, uploaded: clock.now().toISOString(), fingerprint };
  }
}
