import { copyFile, chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CharmError } from '../domain/errors';
import { etcdVersion, type EtcdVersion } from '../domain/ids';
import type { WorkloadOffer } from '../domain/observed';
import type { Files } from './files';
import type { Processes } from './processes';
import type { WorkloadSource } from './workload-source';
import { programs } from './workload-archive';

const packages = ['etcd-server', 'etcd-client'];
const aptTimeoutMs = 180_000;
/** root runs the charm, and apt's own user cannot read root's directories. */
const aptOptions = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=60'];

/** `1:3.5.16-4` -> `3.5.16` (deb-version(7): epoch, upstream version, revision). */
export function upstreamVersion(debian: string): EtcdVersion | null {
  const match = /^(?:\d+:)?(\d+\.\d+\.\d+)/.exec(debian)?.[1];
  return match === undefined ? null : etcdVersion(match);
}

/** The candidate in `apt-cache policy`'s output; null where there is none. */
export function candidate(policy: string): string | null {
  const found = /^\s*Candidate:\s*(\S+)/m.exec(policy)?.[1];
  return found === undefined || found === '(none)' ? null : found;
}

/**
 * etcd from the distribution's packages, downloaded and unpacked, never installed: Debian's package would start a plain-HTTP etcd
 * and replace a running binary in place.
 */
export class AptSource implements WorkloadSource {
  readonly kind = 'apt';
  private readonly processes: Processes;
  private readonly files: Files;
  private readonly cacheDirectory: string;
  private readonly architecture: string;

  constructor(processes: Processes, files: Files, cacheDirectory: string, architecture: string) {
    this.processes = processes;
    this.files = files;
    this.cacheDirectory = cacheDirectory;
    this.architecture = architecture;
  }

  async offer(): Promise<WorkloadOffer | null> {
    let debian = await this.candidate();
    if (debian === null) {
      // No candidate on a fresh machine means that the package lists are empty.
      await this.apt(['update']);
      debian = await this.candidate();
    }
    if (debian === null) return null;
    const version = upstreamVersion(debian);
    return {
      source: 'apt',
      version,
      architecture: this.architecture,
      sha256: null,
      problem: version === null ? `has etcd-server ${debian}, whose version cannot be read` : null,
    };
  }

  async unpack(version: EtcdVersion, directory: string): Promise<void> {
    await this.files.makeDirectory(this.cacheDirectory, { mode: 0o755 });
    const work = await mkdtemp(join(this.cacheDirectory, 'apt-'));
    try {
      try {
        await this.download(work);
      } catch {
        // The lists name a file that the mirror no longer has.
        await this.apt(['update']);
        await this.download(work);
      }
      const archives = (await readdir(work)).filter((name) => name.endsWith('.deb'));
      const root = join(work, 'root');
      for (const archive of archives) {
        await this.processes.run('dpkg-deb', ['--extract', join(work, archive), root], { timeoutMs: aptTimeoutMs });
      }
      const server = archives.find((name) => name.startsWith('etcd-server_')) ?? '';
      const got = upstreamVersion(decodeURIComponent(server.split('_')[1] ?? ''));
      if (got !== version) {
        throw new CharmError({
          code: 'SOURCE_UNUSABLE',
          operation: 'apt-get download',
          message: `apt now has etcd ${got ?? 'of an unreadable version'}, not ${version}; the next hook looks again.`,
          retryable: true,
        });
      }
      const present = new Set(await readdir(join(root, 'usr/bin')));
      for (const program of programs) {
        if (!present.has(program)) continue;
        await copyFile(join(root, 'usr/bin', program), join(directory, program));
        await chmod(join(directory, program), 0o755);
      }
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  private async candidate(): Promise<string | null> {
    const { stdout } = await this.run('apt-cache', ['policy', 'etcd-server'], this.cacheDirectory);
    return candidate(stdout);
  }

  private download(directory: string): Promise<unknown> {
    return this.run('apt-get', [...aptOptions, '--quiet', 'download', ...packages], directory);
  }

  private apt(args: readonly string[]): Promise<unknown> {
    return this.run('apt-get', [...aptOptions, '--quiet', ...args], '/');
  }

  private async run(program: string, args: readonly string[], cwd: string): Promise<{ readonly stdout: string }> {
    try {
      const options = { timeoutMs: aptTimeoutMs, env: { DEBIAN_FRONTEND: 'noninteractive' } };
      return await this.processes.run(program, args, program === 'apt-cache' ? options : { ...options, cwd });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CharmError({
        code: 'SOURCE_UNREACHABLE',
        operation: program,
        message: `etcd could not be fetched with apt (${why}): check the machine's network and apt sources, or attach the resource etcd.`,
        cause,
        retryable: true,
      });
    }
  }
}
