import { createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Url } from '../domain/ids';
import type { PemCredentials } from '../ports/pem-credentials';

/** What a link needs of the world. */
export interface LinkPorts {
  /** Client URLs of the members now, the one to be tried first at the front. */
  readonly members: () => Promise<readonly Url[]>;
  /** As they are on disk now: renewed ones are taken up with the next connection. */
  readonly credentials: () => Promise<PemCredentials>;
  /** Null for healthy, else why not. */
  readonly health: (member: Url, credentials: PemCredentials) => Promise<string | null>;
  /** Told whenever the member that it goes through is another one; null for none. */
  readonly changed: (through: Url | null) => Promise<void>;
  readonly say: (line: string) => void;
  readonly lookEveryMs: number;
}

/** One bad answer may be an election. */
const patience = 2;

/**
 * Carries connections from a socket, byte for byte, over TLS to one healthy member. `etcd grpc-proxy` refuses a certificate with a
 * common name for its side towards the members (etcd issue 11970), and most authorities give none without: so the link shows it. The
 * certificate is the server's, whose name, an address, is no user's: where etcd's authentication is on, nobody gets rights through a
 * standby that he does not prove with name and password.
 *
 * A member that is not healthy any more, also one that is cut off or frozen, loses its connections, and the proxy's next ones go to
 * another. While none is healthy they stay: what serves reads still goes on.
 */
export class MemberLink {
  private readonly server: Server;
  private readonly links = new Set<Socket>();
  private through: Url | null = null;
  /** The last one that was healthy: where none is, as with an alarm for want of space, it may still answer reads. */
  private last: Url | null = null;
  private bad = 0;
  private looking: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly ports: LinkPorts) {
    this.server = createServer((socket) => void this.carry(socket));
  }

  /** Listens on a path, and looks after the members until `close`. */
  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, resolve);
    });
    await this.ports.changed(null);
    await this.look();
    this.timer = setInterval(() => void this.look(), this.ports.lookEveryMs);
  }

  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.drop();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** One look at a time. */
  private look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => this.ports.say(error instanceof Error ? error.message : String(error)))
      .finally(() => (this.looking = null));
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    const [members, credentials] = await Promise.all([this.ports.members(), this.ports.credentials()]);
    const { through } = this;
    if (through !== null && members.includes(through)) {
      const fault = await this.ports.health(through, credentials);
      this.bad = fault === null ? 0 : this.bad + 1;
      if (this.bad < patience) return;
      this.ports.say(`${through} is not healthy: ${fault ?? ''}`);
    }
    const others = members.filter((member) => member !== through);
    const faults = await Promise.all(others.map((member) => this.ports.health(member, credentials)));
    const next = others.find((_, index) => faults[index] === null) ?? null;
    if (next === null && through === null) return;
    this.through = next;
    this.last = next ?? through;
    this.bad = 0;
    this.ports.say(next === null ? 'no member is healthy' : `goes through ${next}`);
    if (next !== null) this.drop();
    await this.ports.changed(next);
  }

  private drop(): void {
    for (const socket of this.links) socket.destroy();
    this.links.clear();
  }

  private async carry(socket: Socket): Promise<void> {
    this.links.add(socket);
    socket.on('close', () => this.links.delete(socket));
    socket.on('error', () => socket.destroy());
    // What comes before the member is reached waits in the socket.
    socket.pause();
    if (this.through === null) await this.look();
    const through = this.through ?? this.last;
    if (through === null || socket.destroyed) return void socket.destroy();
    const { ca, certificate, key } = await this.ports.credentials();
    const { hostname, port } = new URL(through);
    const host = hostname.replace(/^\[|\]$/g, '');
    const member: TLSSocket = connectTls(
      { host, port: Number(port), ca, cert: certificate, key, ALPNProtocols: ['h2'], minVersion: 'TLSv1.2' },
      () => {
        socket.pipe(member);
        member.pipe(socket);
      },
    );
    member.setKeepAlive(true, 10_000);
    member.on('error', (error: Error) => {
      this.ports.say(`${through}: ${error.message}`);
      socket.destroy();
      void this.look();
    });
    member.on('close', () => socket.destroy());
    socket.on('close', () => member.destroy());
  }
}
