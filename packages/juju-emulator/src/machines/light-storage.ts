import { existsSync, lstatSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MachineError } from './machine-error';
import type { AttachedStorage, StorageRequest } from './machine-storage';

/**
 * Storage of a light machine: directories, and plain files that stand for block devices. The data are kept beside the machines;
 * the place that the charm asked for, below the machine's directory, is a link to them.
 */
export class LightStorage {
  constructor(
    /** The machine's directory: stands for its root. */
    private readonly root: string,
    private readonly store: string,
  ) {}

  attach(request: StorageRequest): AttachedStorage {
    const data = this.#data(request);
    if (!existsSync(data)) {
      mkdirSync(this.store, { recursive: true });
      if (request.kind === 'filesystem') mkdirSync(data);
      else {
        writeFileSync(data, '');
        truncateSync(data, request.size * 2 ** 20);
      }
    }
    const location = this.#location(request);
    mkdirSync(dirname(location), { recursive: true });
    if (!isLink(location)) {
      if (existsSync(location))
        throw new MachineError('command-failed', 'mount storage', `"${request.mountPoint}" is not empty`);
      symlinkSync(data, location);
    }
    return { location, device: request.kind === 'block' ? location : '', size: request.size };
  }

  async detach(request: StorageRequest): Promise<void> {
    const location = this.#location(request);
    if (isLink(location)) await rm(location);
    if (request.backing === 'memory') await rm(this.#data(request), { recursive: true, force: true });
  }

  #data(request: StorageRequest): string {
    return join(this.store, request.uuid);
  }

  #location(request: StorageRequest): string {
    return request.kind === 'block'
      ? join(this.root, 'dev', `loop${request.number}`)
      : join(this.root, request.mountPoint);
  }
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
