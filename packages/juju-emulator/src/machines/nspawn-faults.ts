import { rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { hostCommand } from './host-command';
import { MachineError } from './machine-error';
import type { CutDirection, MachineFaults } from './machine-faults';
import { networkNames } from './model-network';
import { resolveBelow } from './machine-root';
import { giveOwnFilesystem } from './own-filesystem';

/** In the machine's own network namespace, beside whatever rules are there. */
const table = 'juju_emulator_faults';
const fillName = '.juju-emulator-fill';
/** What a queue may hold, milliseconds of the limited rate: enough that short bursts are not lost. */
const queueMs = 400;

/** Faults of one real machine: nftables and tc in its network namespace, files on its filesystems. */
export class NspawnFaults implements MachineFaults {
  readonly #cuts: string[] = [];
  readonly #filled = new Set<string>();
  #separated = 0;

  constructor(
    private readonly model: string,
    private readonly id: string,
    private readonly root: string,
    /** The machine's directory on the host. */
    private readonly directory: string,
    /** Pid of the container's init; 0 = not running. */
    private readonly leader: () => number,
  ) {}

  async cut(direction: CutDirection, peer?: string): Promise<void> {
    if (peer !== undefined && !/^\d{1,3}(\.\d{1,3}){3}$/.test(peer))
      throw new MachineError('command-failed', 'cut a link', `"${peer}" is not an IPv4 address`);
    const from = peer === undefined ? 'iifname != "lo"' : `ip saddr ${peer}`;
    const to = peer === undefined ? 'oifname != "lo"' : `ip daddr ${peer}`;
    if (direction !== 'out') this.#cuts.push(`add rule inet ${table} inward ${from} drop`);
    if (direction !== 'in') this.#cuts.push(`add rule inet ${table} outward ${to} drop`);
    await this.#rules([
      `table inet ${table} {`,
      '  chain inward { type filter hook input priority -300; policy accept; }',
      '  chain outward { type filter hook output priority -300; policy accept; }',
      '}',
      ...this.#cuts,
    ]);
  }

  async mend(): Promise<void> {
    this.#cuts.length = 0;
    await this.#rules([]);
  }

  async limitBandwidth(bitsPerSecond: number | undefined): Promise<void> {
    const { veth, namespace } = networkNames(this.model);
    const outward = ['tc', '-n', namespace(this.id), 'qdisc'];
    const inward = ['tc', 'qdisc'];
    for (const [command, device] of [
      [outward, 'eth0'],
      [inward, veth(this.id)],
    ] as const) {
      if (bitsPerSecond === undefined)
        await hostCommand('free the bandwidth', [...command, 'del', 'dev', device, 'root'], { tolerant: true });
      else {
        // A bucket must hold what passes in one tick of the kernel's clock, and a whole packet.
        const burst = Math.max(16_000, Math.ceil(bitsPerSecond / 8 / 100));
        const shape = ['tbf', 'rate', `${bitsPerSecond}bit`, 'burst', String(burst), 'latency', `${queueMs}ms`];
        await hostCommand('limit the bandwidth', [...command, 'replace', 'dev', device, 'root', ...shape]);
      }
    }
  }

  async fillDisk(path: string, leaveBytes = 0): Promise<number> {
    const directory = resolveBelow(this.root, path);
    const [own, machine] = await Promise.all([stat(directory), stat(this.root)]).catch((cause: unknown) => {
      throw new MachineError('command-failed', 'fill a disk', `machine ${this.id} has no directory ${path}`, { cause });
    });
    if (own.dev === machine.dev) await this.#separate(directory, path);
    const { bavail, bsize } = await statfs(directory);
    const taken = Math.max(0, bavail * bsize - leaveBytes);
    const file = join(directory, fillName);
    this.#filled.add(file);
    // What the filesystem itself needs for so large a file may be more than is left: then it is full all the same.
    if (taken > 0) await hostCommand('fill a disk', ['fallocate', '--length', String(taken), file], { tolerant: true });
    if (leaveBytes === 0)
      await hostCommand('fill a disk', ['dd', 'if=/dev/zero', `of=${file}.rest`, 'bs=4096', 'status=none'], {
        tolerant: true,
      });
    return taken;
  }

  async freeDisk(): Promise<void> {
    for (const file of this.#filled) {
      await rm(file, { force: true });
      await rm(`${file}.rest`, { force: true });
    }
    this.#filled.clear();
  }

  /** The machine's root is the host's disk: a directory on it gets a filesystem of its own before it is filled. */
  async #separate(directory: string, path: string): Promise<void> {
    if (this.leader() === 0)
      throw new MachineError('not-running', 'fill a disk', `machine ${this.id} is not running: start it first`);
    if (directory === this.root)
      throw new MachineError(
        'unsupported',
        'fill a disk',
        "the machine's root is the host's own disk: name the directory that is to be full, /var/lib for example",
      );
    this.#separated += 1;
    await giveOwnFilesystem({
      directory,
      path,
      image: join(this.directory, `fill-${String(this.#separated)}.img`),
      inside: (argv) => hostCommand('fill a disk', ['nsenter', '-t', String(this.leader()), '-a', '-r', '--', ...argv]),
    });
  }

  async #rules(lines: readonly string[]): Promise<void> {
    const { namespace } = networkNames(this.model);
    // Declared, removed, made anew: one transaction, whatever was there before.
    const input = [`table inet ${table} {}`, `delete table inet ${table}`, ...lines, ''].join('\n');
    await hostCommand('make the rules of cut links', ['ip', 'netns', 'exec', namespace(this.id), 'nft', '-f', '-'], {
      input,
    });
  }
}
