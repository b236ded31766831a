import type { ResourceTools } from '@juju/charm-helpers-ts';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CharmError } from '../domain/errors';
import type { EtcdVersion } from '../domain/ids';
import type { WorkloadOffer } from '../domain/observed';
import type { Files } from './files';
import { inspectArchive, unpackArchive, type ArchiveReport } from './workload-archive';
import type { WorkloadSource } from './workload-source';

/** What was found in a file, kept so that 20 MB are not read again in every hook. */
interface Remembered {
  readonly key: string;
  readonly report: ArchiveReport;
}

/** etcd from the charm's resource `etcd`: a release archive. Works without a network. */
export class ResourceSource implements WorkloadSource {
  readonly kind = 'resource';
  private readonly resources: ResourceTools;
  private readonly files: Files;
  private readonly cacheDirectory: string;
  private readonly architecture: string;

  constructor(resources: ResourceTools, files: Files, cacheDirectory: string, architecture: string) {
    this.resources = resources;
    this.files = files;
    this.cacheDirectory = cacheDirectory;
    this.architecture = architecture;
  }

  async offer(): Promise<WorkloadOffer | null> {
    return this.judge(await this.path());
  }

  private async judge(path: string): Promise<WorkloadOffer | null> {
    const report = await this.inspect(path);
    if (report === null) return null;
    const { version, architecture, sha256 } = report;
    const other = architecture !== null && architecture !== this.architecture;
    const problem =
      report.problem ??
      (other ? `is for another architecture: ${architecture}, and this machine is ${this.architecture}` : null);
    return { source: 'resource', version, architecture, sha256, problem };
  }

  async unpack(version: EtcdVersion, directory: string): Promise<void> {
    const path = await this.path();
    const offer = await this.judge(path);
    if (offer?.version !== version || offer.problem !== null) {
      throw new CharmError({
        code: 'SOURCE_UNUSABLE',
        operation: 'unpack resource',
        message: `The resource etcd is no longer etcd ${version}; the next hook looks at it again.`,
        retryable: true,
      });
    }
    await unpackArchive(path, directory);
  }

  private async path(): Promise<string> {
    try {
      return await this.resources.resourceGet('etcd');
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CharmError({
        code: 'SOURCE_UNREACHABLE',
        operation: 'resource-get etcd',
        message: `The resource etcd could not be fetched: ${why}`,
        cause,
        retryable: true,
      });
    }
  }

  private async inspect(path: string): Promise<ArchiveReport | null> {
    const { size, mtimeMs, ino } = await stat(path);
    if (size === 0) return null;
    const key = `${path} ${size} ${mtimeMs} ${ino}`;
    const cacheFile = join(this.cacheDirectory, 'resource.json');
    const remembered = parseRemembered(await this.files.read(cacheFile));
    if (remembered?.key === key) return remembered.report;
    const report = await inspectArchive(path);
    if (report !== null) {
      await this.files.makeDirectory(this.cacheDirectory, { mode: 0o755 });
      await this.files.writeAtomic(cacheFile, JSON.stringify({ key, report } satisfies Remembered), { mode: 0o644 });
    }
    return report;
  }
}

function parseRemembered(text: string | null): Remembered | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as Remembered;
  } catch {
    // A cache that cannot be read is no cache.
    return null;
  }
}
