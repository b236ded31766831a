import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { GateAnswer } from '../domain/start-gate';
import type { Paths } from '../ports/paths';
import { answerPath } from './ask-peer';
import { formatAnswer } from './knowledge';

interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const readTls = ({ pki }: Paths): TlsFiles => ({
  ca: readFileSync(pki.ca, 'utf8'),
  cert: readFileSync(pki.serverCertificate, 'utf8'),
  key: readFileSync(pki.serverKey, 'utf8'),
});

/** How long a peer may take over its handshake and its question, milliseconds. */
const slowest = 2000;

/**
 * Answers `GET /generation` to whoever shows a certificate of the CA. The certificates are looked at for every connection, as etcd does,
 * so that renewed ones are taken up without a restart.
 */
export function createResponder(paths: Paths, answer: () => Promise<GateAnswer | null>): Server {
  let current = readTls(paths);
  const server = createServer(
    {
      ...current,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      handshakeTimeout: slowest,
      headersTimeout: slowest,
      requestTimeout: slowest,
      connectionsCheckingInterval: slowest,
    },
    (question, reply) => {
      reply.setHeader('connection', 'close');
      if (question.method !== 'GET' || question.url !== answerPath) return void reply.writeHead(404).end();
      answer().then(
        (own) => {
          if (own === null) return void reply.writeHead(503).end();
          reply.writeHead(200, { 'content-type': 'application/json' }).end(formatAnswer(own));
        },
        () => reply.writeHead(503).end(),
      );
    },
  );
  server.maxConnections = 64;
  // Before the listener that begins the handshake.
  server.prependListener('connection', () => {
    try {
      const found = readTls(paths);
      if (found.ca === current.ca && found.cert === current.cert && found.key === current.key) return;
      server.setSecureContext({ ...found, minVersion: 'TLSv1.2' });
      current = found;
    } catch {
      // Half replaced: a certificate before its key. The next connection looks again.
    }
  });
  return server;
}
