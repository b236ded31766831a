import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { TestAuthority } from './pki';

/** What came of asking a port for its version: an HTTP status, or the failure of the connection. */
export type Attempt = { readonly status: number } | { readonly refused: string };

const path = '/version';

/** Asks with TLS; without `cert` and `key` the client shows no certificate. */
export function askWithTls(
  address: string,
  port: number,
  tls: { readonly ca: string; readonly cert?: string; readonly key?: string },
): Promise<Attempt> {
  return new Promise((resolve) => {
    const call = tlsRequest(
      // Which server answers is not the question here: only who may ask.
      { host: address, port, path, agent: false, timeout: 5000, ...tls, checkServerIdentity: () => undefined },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0 });
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer in 5 s')));
    call.on('error', (error) => resolve({ refused: error.message }));
    call.end();
  });
}

/** Asks without TLS. */
export function askInPlain(address: string, port: number): Promise<Attempt> {
  return new Promise((resolve) => {
    const call = plainRequest({ host: address, port, path, agent: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    });
    call.on('timeout', () => call.destroy(new Error('no answer in 5 s')));
    call.on('error', (error) => resolve({ refused: error.message }));
    call.end();
  });
}

/**
 * TLS with a certificate of our own CA is required on the port, and enough: plain HTTP, no certificate, and one that a
 * foreign CA made for the same name are turned away. `known` asks as one who may.
 */
export async function expectTlsRequired(
  address: string,
  port: number,
  ca: string,
  known: () => Promise<Attempt>,
  foreign: TestAuthority,
): Promise<void> {
  const stranger = foreign.issue({ commonName: 'client', sans: [address] });
  expect(await known()).toEqual({ status: 200 });
  const refused = { refused: expect.stringMatching(/alert .*(certificate|unknown ca)|ECONNRESET/) as string };
  expect(await askWithTls(address, port, { ca })).toEqual(refused);
  expect(await askWithTls(address, port, { ca, cert: stranger.certificate, key: stranger.key })).toEqual(refused);
  // Go answers plain HTTP on a TLS port with 400, or closes.
  const plain = await askInPlain(address, port);
  expect([{ status: 400 }, { refused: expect.any(String) as string }]).toContainEqual(plain);
}
