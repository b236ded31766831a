import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createServer, type AddressInfo, type Server as PlainServer } from 'node:net';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { generation, unitName } from '../../src/domain/ids';
import { renderGateSettings, type FoundingMark, type GateSettings } from '../../src/domain/start-gate';
import { askPeer } from '../../src/gate/ask-peer';
import { checkStart, oneSecond } from '../../src/gate/check-start';
import { ownAnswer } from '../../src/gate/knowledge';
import { createResponder } from '../../src/gate/responder';
import { NodeFiles } from '../../src/ports/files-node';
import { makePaths, type Paths } from '../../src/ports/paths';
import type { PemCredentials } from '../../src/ports/pem-credentials';
import { TestAuthority, type Issued } from '../support/pki';
import { until } from '../support/until';
import { askInPlain, askWithTls } from '../support/tls-attempts';

jest.setTimeout(30_000);

const authority = new TestAuthority();
const foreign = new TestAuthority('another authority');
const files = new NodeFiles(() => Promise.resolve(null));
const cluster = 'model/etcd';
const address = '127.0.0.1';
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const founding = (number: number, token = `t${number}`): FoundingMark => ({ generation: generation(number), token });
/** Two certificates for the address; making keys is slow. */
const [leaf, renewed] = [0, 1].map(() => authority.issue({ commonName: address, sans: [address] })) as [Issued, Issued];
const stranger = foreign.issue({ commonName: address, sans: [address] });

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function putCertificates(paths: Paths, issued: Issued): void {
  write(paths.pki.ca, authority.certificate);
  write(paths.pki.serverCertificate, issued.certificate);
  write(paths.pki.serverKey, issued.key);
}

function putMarker(paths: Paths, marker: FoundingMark): void {
  write(paths.marker, JSON.stringify({ ...marker, startedAs: 'new', initial: [] }));
}

/** A unit below a directory of its own, with certificates. */
function aUnit(number: number, change: Partial<GateSettings> & { readonly marker?: FoundingMark } = {}): Paths {
  const root = mkdtempSync(join(tmpdir(), 'start-gate-'));
  closing.push(() => rmSync(root, { recursive: true, force: true }));
  const paths = makePaths(root);
  const { marker, ...settings } = change;
  putCertificates(paths, leaf);
  mkdirSync(paths.volume, { recursive: true });
  if (marker !== undefined) putMarker(paths, marker);
  const all = { cluster, unit: unitName(`etcd/${number}`), listen: address, port: 0, decided: null, peers: [] };
  write(paths.gate.settings, renderGateSettings({ ...all, ...settings }));
  return paths;
}

const portOf = (server: { address(): AddressInfo | string | null }): number => (server.address() as AddressInfo).port;

const listen = (server: Server | PlainServer): Promise<number> =>
  new Promise((resolve) => server.listen(0, address, () => resolve(portOf(server))));

/** The real responder of a unit. Gives its port. */
async function respond(paths: Paths): Promise<number> {
  const server = createResponder(paths, () => ownAnswer(files, paths));
  const port = await listen(server);
  closing.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return port;
}

const credentialsOf = ({ certificate, key }: Issued, ca = authority.certificate): PemCredentials => ({
  ca,
  certificate,
  key,
});

/** The gate of a unit whose peers are at these ports. */
async function check(
  paths: Paths,
  ports: readonly number[],
  patience: () => AbortSignal = oneSecond,
): Promise<{ by: string; generation: number } | null> {
  const peers = ports.map((port, number) => ({ unit: unitName(`etcd/${number + 1}`), address: String(port) }));
  const settings = JSON.parse((await files.read(paths.gate.settings)) ?? '') as GateSettings;
  write(paths.gate.settings, renderGateSettings({ ...settings, peers }));
  const own = credentialsOf(leaf);
  // Here the peers differ by port, on units by address.
  const ask = (peer: GateSettings['peers'][number], signal: AbortSignal) =>
    askPeer({ address, port: Number(peer.address) }, own, signal);
  return checkStart(files, paths, () => Promise.resolve(ask), patience);
}

/** Takes connections and never says a word. */
async function silentPort(): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => void sockets.add(socket));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listen(server);
}

async function deadPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

describe('the start gate asking real responders over TLS', () => {
  test.each([
    ['newer', founding(3), 'etcd/1'],
    ['the same', founding(2), null],
    ['older', founding(1), null],
  ])('a peer with a generation that is %s', async (_what, marker, by) => {
    const port = await respond(aUnit(1, { marker }));
    const own = aUnit(0, { marker: founding(2), decided: founding(2) });
    expect((await check(own, [port]))?.by ?? null).toBe(by);
    const left = await files.read(own.gate.heldBack);
    expect(left === null ? null : (JSON.parse(left) as unknown)).toEqual(
      by === null ? null : { by, generation: 3, own: 2 },
    );
  });

  test('what a peer read from its application counts, though its own data are older, or gone', async () => {
    const own = aUnit(0, { marker: founding(1) });
    expect(await check(own, [await respond(aUnit(1, { marker: founding(1), decided: founding(2) }))])).not.toBeNull();
    expect(await check(own, [await respond(aUnit(1, { decided: founding(2) }))])).not.toBeNull();
    expect(await check(own, [await respond(aUnit(1))])).toBeNull();
  });

  test('the reason is gone once the start is let through', async () => {
    const peer = aUnit(1, { marker: founding(2) });
    const port = await respond(peer);
    const own = aUnit(0, { marker: founding(1) });
    expect(await check(own, [port])).not.toBeNull();
    putMarker(peer, founding(1));
    expect(await check(own, [port])).toBeNull();
    expect(await files.read(own.gate.heldBack)).toBeNull();
  });

  test('another application at the address of a peer does not count', async () => {
    const port = await respond(aUnit(1, { cluster: 'model/other', marker: founding(9) }));
    expect(await check(aUnit(0, { marker: founding(1) }), [port])).toBeNull();
  });

  test('peers that are dead or hang stop nothing, and do not hide one that knows better', async () => {
    const own = aUnit(0, { marker: founding(1) });
    const [dead, hanging] = [await deadPort(), await silentPort()];
    expect(await check(own, [dead])).toBeNull();
    expect(await check(own, [dead, hanging, await silentPort()])).toBeNull();
    const newer = await respond(aUnit(3, { marker: founding(2) }));
    expect((await check(own, [dead, hanging, newer]))?.by).toBe('etcd/3');
  });

  test('the second ends though garbage is collected meanwhile', async () => {
    const own = aUnit(0, { marker: founding(1) });
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const collecting = setInterval(collect, 50);
    try {
      expect(await check(own, [await silentPort()])).toBeNull();
    } finally {
      clearInterval(collecting);
    }
  });

  test('one patience for all peers, however many hang; when it is over etcd starts', async () => {
    const own = aUnit(0, { marker: founding(1) });
    const hanging = await Promise.all(Array.from({ length: 8 }, () => silentPort()));
    const given: AbortController[] = [];
    const checked = check(own, hanging, () => {
      given.push(new AbortController());
      return given[0]?.signal ?? AbortSignal.abort();
    });
    let decided = false;
    void checked.finally(() => (decided = true));
    await until('they were asked', () => given.length > 0, { timeoutMs: 5000 });
    expect(decided).toBe(false);
    given[0]?.abort();
    expect(await checked).toBeNull();
    expect(given).toHaveLength(1);
  });

  test('a responder with a certificate of another authority is not believed', async () => {
    const paths = aUnit(1, { marker: founding(9) });
    write(paths.pki.serverCertificate, stranger.certificate);
    write(paths.pki.serverKey, stranger.key);
    expect(await check(aUnit(0, { marker: founding(1) }), [await respond(paths)])).toBeNull();
  });

  test('a responder with a certificate for another address is not believed', async () => {
    const paths = aUnit(1, { marker: founding(9) });
    putCertificates(paths, authority.issue({ commonName: '10.9.9.9', sans: ['10.9.9.9'] }));
    expect(await check(aUnit(0, { marker: founding(1) }), [await respond(paths)])).toBeNull();
  });

  test('without settings or certificates etcd starts: it is the first time', async () => {
    const own = aUnit(0, { marker: founding(1) });
    expect(await checkStart(files, own, () => Promise.resolve(null))).toBeNull();
    rmSync(own.gate.settings);
    expect(await checkStart(files, own, () => Promise.reject(new Error('nobody is asked')))).toBeNull();
  });
});

describe('the responder', () => {
  test('answers whoever has a certificate of the CA, and nobody else', async () => {
    const port = await respond(aUnit(1, { marker: founding(2) }));
    const ca = authority.certificate;
    const own = leaf;
    const refused = {
      refused: expect.stringMatching(/alert .*(certificate|unknown ca)|ECONNRESET|socket hang up/) as string,
    };
    expect(await askWithTls(address, port, { ca, cert: own.certificate, key: own.key })).toEqual({ status: 404 });
    expect(await askPeer({ address, port }, credentialsOf(own), AbortSignal.timeout(5000))).toEqual({
      cluster,
      unit: 'etcd/1',
      newest: founding(2),
    });
    expect(await askWithTls(address, port, { ca })).toEqual(refused);
    expect(await askWithTls(address, port, { ca, cert: stranger.certificate, key: stranger.key })).toEqual(refused);
    expect(await askInPlain(address, port)).toEqual({ refused: expect.any(String) as string });
  });

  /** Serial number of the certificate that it shows. */
  const shown = (port: number): Promise<string> => {
    const own = leaf;
    return new Promise((resolve, reject) => {
      const socket = connect(
        { host: address, port, ca: authority.certificate, cert: own.certificate, key: own.key },
        () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
  };

  test('takes a renewed certificate up without a restart, and keeps the old one while it is half replaced', async () => {
    const paths = aUnit(1, { marker: founding(2) });
    const port = await respond(paths);
    const first = await shown(port);
    write(paths.pki.serverCertificate, renewed.certificate);
    expect(await shown(port)).toBe(first);
    write(paths.pki.serverKey, renewed.key);
    const second = await shown(port);
    expect(second).not.toBe(first);
    // Strangers are refused by the new one as well.
    const tls = { ca: authority.certificate, cert: stranger.certificate, key: stranger.key };
    expect(await askWithTls(address, port, tls)).toHaveProperty('refused');
  });

  test('tells the marker of the moment, without a restart', async () => {
    const paths = aUnit(1, { marker: founding(1) });
    const port = await respond(paths);
    const ask = () => askPeer({ address, port }, credentialsOf(leaf), AbortSignal.timeout(5000));
    expect((await ask()).newest).toEqual(founding(1));
    putMarker(paths, founding(2));
    expect((await ask()).newest).toEqual(founding(2));
    rmSync(paths.marker);
    expect((await ask()).newest).toBeNull();
  });
});
