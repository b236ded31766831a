import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { url, type Url } from '../domain/ids';
import type { Paths } from '../ports/paths';

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Of whom the process is, so that it can write where it may and nowhere else; null where everything runs as one user. */
export type RunAs = string | null;

/**
 * Prefix of a command that must not outlive this process, whatever ends it, and runs as the user (setpriv(1), util-linux). The group
 * has the user's name.
 */
export const confined = (user: RunAs): readonly string[] => [
  'setpriv',
  '--pdeathsig=KILL',
  ...(user === null ? [] : [`--reuid=${user}`, `--regid=${user}`, '--clear-groups']),
  '--',
];

/** URLs of an etcd of its own: clients and peers come over TLS with the unit's certificates, from this machine only. */
export interface ScratchUrls {
  readonly client: Url;
  readonly peer: Url;
}

export async function scratchUrls(): Promise<ScratchUrls> {
  const [client, peer] = [await freePort(), await freePort()];
  return { client: url(`https://127.0.0.1:${client}`), peer: url(`https://127.0.0.1:${peer}`) };
}

/** What the data directory is: restored for it, or a copy of a member's, which is to forget all other members. */
export type ScratchData = 'restored' | 'survivor';

/**
 * Why an etcd ended, by its log: its last words of a panic or an error (JSON of zap, level and `error`), for what follows a panic is
 * where in the program it was; else the last line.
 */
export function whyEnded(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const last = (pattern: RegExp): string | undefined => lines.findLast((line) => pattern.test(line));
  const said = last(/"level":"(panic|fatal)"/) ?? last(/^panic: /) ?? last(/"level":"error"/) ?? lines.at(-1) ?? '';
  const [, message = ''] = /"msg":"((?:[^"\\]|\\.)*)"/.exec(said) ?? [];
  const [, error = ''] = /"error":"((?:[^"\\]|\\.)*)"/.exec(said) ?? [];
  const words = [message, error].filter((one) => one !== '').join(': ') || said.trim();
  return words === '' ? 'it could not be started' : words.slice(0, 300);
}

/** An etcd of one member that serves a data directory made for it on loopback until it is stopped. */
export class ScratchEtcd {
  private readonly child: ChildProcess;
  private readonly log: string;

  private constructor(child: ChildProcess, log: string) {
    this.child = child;
    this.log = log;
  }

  static async start(
    paths: Paths,
    directory: string,
    { client, peer }: ScratchUrls,
    user: RunAs,
    data: ScratchData = 'restored',
  ): Promise<ScratchEtcd> {
    const { pki, current } = paths;
    const log = join(directory, 'log');
    const tlsOf = (prefix: string): readonly string[] => [
      ...[`--${prefix}cert-file=${pki.serverCertificate}`, `--${prefix}key-file=${pki.serverKey}`],
      ...[`--${prefix}trusted-ca-file=${pki.ca}`, `--${prefix}client-cert-auth`],
    ];
    // A copy has the id of its original until it has forgotten the others: with a certificate of its own making none of them talks to it.
    const peers = data === 'survivor' ? ['--peer-auto-tls', '--force-new-cluster'] : tlsOf('peer-');
    const [program = '', ...prefix] = confined(user);
    const output = await open(log, 'w', 0o600);
    try {
      const args = [
        ...[...prefix, join(current, 'etcd'), '--name=drill', `--data-dir=${join(directory, 'data')}`],
        ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
        ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=drill=${peer}`],
        ...tlsOf(''),
        ...peers,
        // It has nobody to wait for: a member alone elects itself as soon as this is over.
        ...['--heartbeat-interval=10', '--election-timeout=100'],
      ];
      const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ETCD_UNSUPPORTED_ARCH: process.arch };
      const child = spawn(program, args, { stdio: ['ignore', output.fd, output.fd], cwd: directory, env });
      child.on('error', () => undefined);
      return new ScratchEtcd(child, log);
    } finally {
      await output.close();
    }
  }

  /** Why it does not run any more; null while it does. */
  async ended(): Promise<string | null> {
    if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) return null;
    return whyEnded(await readFile(this.log, 'utf8').catch(() => ''));
  }

  /** Ends it in order, so that all it has is in its database. Throws where it does not end in time. */
  async end(timeoutMs: number): Promise<void> {
    const { child } = this;
    if ((await this.ended()) !== null) return;
    const gone = once(child, 'exit', { signal: AbortSignal.timeout(timeoutMs) });
    child.kill('SIGTERM');
    await gone;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if ((await this.ended()) !== null) return;
    const gone = once(child, 'exit');
    // Its data are thrown away: nothing has to be written to them.
    child.kill('SIGKILL');
    await gone;
  }
}
