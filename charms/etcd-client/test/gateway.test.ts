import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Credentials } from '../src/credentials';
import { gateway, GatewayError } from '../src/gateway';
import { Authority } from './certificates';

const authority = new Authority('right');
const other = new Authority('wrong');
const member = authority.issue('member');
const client = authority.issue('client');

/** A TLS server that wants a client certificate and answers as etcd's gateway does. */
async function serve(answer: (path: string, body: unknown) => { status?: number; text: string }): Promise<Server> {
  const server = createServer(
    {
      cert: member.certificate,
      key: member.key,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status = 200, text } = answer(
          request.url ?? '',
          JSON.parse(Buffer.concat(chunks).toString()) as unknown,
        );
        response.writeHead(status, { 'content-type': 'application/json' }).end(text);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const endpointOf = (server: Server): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
const credentials = (given: Partial<Credentials> = {}): Credentials => ({
  endpoints: [],
  // easyrsa's certificates begin with a text dump.
  ca: authority.certificate,
  certificate: `Certificate:\n    Data:\n        Version: 3 (0x2)\n${client.certificate}`,
  key: client.key,
  ...given,
});

describe('gateway', () => {
  let server: Server;
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('puts and gets with base64 keys, over TLS with the client certificate', async () => {
    const asked: unknown[] = [];
    server = await serve((path, body) => {
      asked.push([path, body]);
      return {
        text: path.endsWith('put')
          ? '{"header":{"revision":"7"}}'
          : '{"kvs":[{"key":"xb4=","value":"xb4="}],"count":"1"}',
      };
    });
    const store = gateway(credentials());
    expect(await store.put(endpointOf(server), 'ž', 'v')).toBe('7');
    expect(await store.get(endpointOf(server), 'ž')).toBe('ž');
    expect(asked).toEqual([
      ['/v3/kv/put', { key: 'xb4=', value: 'dg==' }],
      ['/v3/kv/range', { key: 'xb4=' }],
    ]);
  });

  it.each([
    ['{"header":{}}', null],
    ['{"kvs":[{"key":"YQ=="}]}', ''],
  ])('reads %s as %j', async (text, expected) => {
    server = await serve(() => ({ text }));
    expect(await gateway(credentials()).get(endpointOf(server), 'a')).toBe(expected);
  });

  it.each([
    [
      { status: 503, text: '{"error":"x","code":14,"message":"etcdserver: request timed out"}' },
      'etcdserver: request timed out',
    ],
    [{ status: 404, text: '{"error":"Not Found"}' }, 'Not Found'],
    [{ status: 502, text: '<html>' }, 'status 502 and no JSON'],
  ])('tells %j', async (answer, words) => {
    server = await serve(() => answer);
    const failed = gateway(credentials()).get(endpointOf(server), 'a');
    await expect(failed).rejects.toBeInstanceOf(GatewayError);
    await expect(failed).rejects.toMatchObject({ message: words, retryable: true });
  });

  it('refuses a member of another authority, and is refused with a certificate of another one', async () => {
    server = await serve(() => ({ text: '{}' }));
    const distrusting = gateway(credentials({ ca: other.certificate })).get(endpointOf(server), 'a');
    await expect(distrusting).rejects.toBeInstanceOf(GatewayError);
    const foreign = other.issue('client');
    const refused = gateway(credentials({ certificate: foreign.certificate, key: foreign.key }));
    await expect(refused.get(endpointOf(server), 'a')).rejects.toBeInstanceOf(GatewayError);
  });

  it('refuses plain HTTP and what is no URL', async () => {
    server = await serve(() => ({ text: '{}' }));
    const store = gateway(credentials());
    await expect(store.get('http://127.0.0.1:1', 'a')).rejects.toMatchObject({ retryable: false });
    await expect(store.get('nonsense', 'a')).rejects.toMatchObject({ retryable: false });
  });

  it('tells a member that is not there', async () => {
    server = await serve(() => ({ text: '{}' }));
    await expect(gateway(credentials()).get('https://127.0.0.1:1', 'a')).rejects.toMatchObject({ retryable: true });
  });
});
