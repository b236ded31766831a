import { chmod, copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CharmError } from '../domain/errors';
import { etcdVersion, type EtcdVersion } from '../domain/ids';
import type { WorkloadOffer } from '../domain/observed';
import type { Files } from './files';
import type { Processes } from './processes';
import { programs } from './workload-archive';
import type { WorkloadSource } from './workload-source';

const snapTimeoutMs = 300_000;

/** The version of a channel in `snap info`'s output (`  3.5/stable:  3.5.16  2025-01-20 (1234) 20MB -`); null if it is closed or not there. */
export function channelVersion(info: string, channel: string): EtcdVersion | null {
  const risk = channel.includes('/') ? channel : `latest/${channel}`;
  const line = info.split('\n').find((text) => text.trim().startsWith(`${risk}:`));
  const version = /^v?(\d+\.\d+\.\d+)/.exec(
    line
      ?.trim()
      .slice(risk.length + 1)
      .trim() ?? '',
  )?.[1];
  return version === undefined ? null : etcdVersion(version);
}

/**
 * etcd from the snap of the configured channel: downloaded and unpacked beside the other versions. The snap is not installed, so
 * that no second service of that name runs and no refresh restarts etcd.
 */
export class SnapSource implements WorkloadSource {
  readonly kind = 'snap';
  private readonly processes: Processes;
  private readonly files: Files;
  private readonly cacheDirectory: string;
  private readonly architecture: string;
  private readonly channel: () => Promise<string>;

  constructor(
    processes: Processes,
    files: Files,
    cacheDirectory: string,
    architecture: string,
    channel: () => Promise<string>,
  ) {
    this.processes = processes;
    this.files = files;
    this.cacheDirectory = cacheDirectory;
    this.architecture = architecture;
    this.channel = channel;
  }

  async offer(): Promise<WorkloadOffer | null> {
    const channel = await this.channel();
    const { stdout } = await this.run('snap', ['info', 'etcd'], '/');
    const version = channelVersion(stdout, channel);
    return {
      source: 'snap',
      version,
      architecture: this.architecture,
      sha256: null,
      problem: version === null ? `has no release in the channel ${channel}: see "snap info etcd"` : null,
    };
  }

  async unpack(version: EtcdVersion, directory: string): Promise<void> {
    await this.files.makeDirectory(this.cacheDirectory, { mode: 0o755 });
    const work = await mkdtemp(join(this.cacheDirectory, 'snap-'));
    try {
      const channel = await this.channel();
      await this.run('snap', ['download', 'etcd', `--channel=${channel}`, '--basename=etcd'], work);
      await this.run('unsquashfs', ['-no-progress', '-dest', join(work, 'root'), join(work, 'etcd.snap')], work);
      const bin = join(work, 'root', 'bin');
      const present = new Set(await readdir(bin));
      if (!present.has('etcd') || !present.has('etcdctl')) {
        throw this.unusable(`The snap of channel ${channel} has no bin/etcd and bin/etcdctl: choose another channel.`);
      }
      for (const program of programs) {
        if (!present.has(program)) continue;
        await copyFile(join(bin, program), join(directory, program));
        await chmod(join(directory, program), 0o755);
      }
      const { stdout } = await this.processes.run(join(directory, 'etcd'), ['--version'], { timeoutMs: 30_000 });
      const got = /etcd Version: (\S+)/.exec(stdout)?.[1];
      if (got !== version)
        throw this.unusable(
          `The channel ${channel} now has etcd ${got ?? '?'}, not ${version}; the next hook looks again.`,
        );
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  private unusable(message: string): CharmError {
    return new CharmError({ code: 'SOURCE_UNUSABLE', operation: 'snap download', message, retryable: true });
  }

  private async run(program: string, args: readonly string[], cwd: string): Promise<{ readonly stdout: string }> {
    try {
      return await this.processes.run(program, args, { timeoutMs: snapTimeoutMs, cwd });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CharmError({
        code: 'SOURCE_UNREACHABLE',
        operation: program,
        message: `etcd could not be fetched as a snap (${why}): check snapd on the machine, or set channel=auto.`,
        cause,
        retryable: true,
      });
    }
  }
}
