import { Agent, request } from 'node:https';
import { createSecureContext } from 'node:tls';
import { CharmError } from '../domain/errors';
import type { Url } from '../domain/ids';
import type { PemCredentials } from './pem-credentials';

/** gRPC status codes that etcd's gateway puts in `code` (google.golang.org/grpc/codes). */
const grpcDeadlineExceeded = 4;
const grpcUnavailable = 14;

interface GatewayFault {
  readonly error?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
}

/** What etcd said when it refused: its own text, to be told apart by {@link refusal}. */
export interface GatewayRefusal {
  readonly text: string;
  readonly grpcCode: number;
}

/** etcd's own words inside an error of {@link EtcdGateway.call}, or null where etcd did not answer. */
export function refusal(error: unknown): GatewayRefusal | null {
  if (!(error instanceof CharmError)) return null;
  const cause = error.cause as Partial<GatewayRefusal> | undefined;
  return typeof cause?.text === 'string' && typeof cause.grpcCode === 'number'
    ? { text: cause.text, grpcCode: cause.grpcCode }
    : null;
}

/**
 * etcd's JSON gateway: `POST /v3/...` with the protobuf messages of api/etcdserverpb/rpc.proto as JSON. uint64 are decimal strings,
 * bytes are base64, fields with their zero value are left out. The path prefix `/v3` is there from 3.4 on.
 * One kept-alive connection per endpoint; every call has a deadline over all of it, the TLS handshake included.
 */
export class EtcdGateway {
  private readonly credentials: PemCredentials;
  private made: Agent | null = null;

  constructor(credentials: PemCredentials) {
    this.credentials = credentials;
  }

  /** One call at one endpoint. Throws `ETCD_UNAVAILABLE`, `ETCD_TIMEOUT` or `ETCD_REFUSED` (with a {@link refusal}). */
  async call(endpoint: Url, path: string, message: object, timeoutMs: number): Promise<Record<string, unknown>> {
    const operation = `POST ${path}`;
    const { status, body } = await this.post(endpoint, path, JSON.stringify(message), timeoutMs);
    let answer: unknown;
    try {
      answer = JSON.parse(body);
    } catch (cause) {
      const what = `${endpoint} answered ${path} with HTTP ${status} and no JSON: is this etcd's client port?`;
      throw new CharmError({ code: 'ETCD_UNAVAILABLE', operation, message: what, cause, retryable: true });
    }
    if (status === 200) return answer as Record<string, unknown>;
    const fault = answer as GatewayFault;
    const text = [fault.error, fault.message].find((words) => typeof words === 'string') ?? `HTTP ${status}`;
    const grpcCode = typeof fault.code === 'number' ? fault.code : 2;
    const late = grpcCode === grpcDeadlineExceeded || /timed out|deadline/i.test(text);
    throw new CharmError({
      code: late ? 'ETCD_TIMEOUT' : 'ETCD_REFUSED',
      operation,
      message: `etcd at ${endpoint} answered: ${text}`,
      cause: { text, grpcCode } satisfies GatewayRefusal,
      retryable: late || grpcCode === grpcUnavailable,
    });
  }

  close(): void {
    this.made?.destroy();
  }

  /** Made at the first call, which fails where the credentials cannot be read. They are parsed once, not for each connection. */
  private agent(): Agent {
    const { ca, certificate: cert, key } = this.credentials;
    this.made ??= new Agent({ keepAlive: true, secureContext: createSecureContext({ ca, cert, key }), maxSockets: 8 });
    return this.made;
  }

  private post(
    endpoint: Url,
    path: string,
    body: string,
    timeoutMs: number,
  ): Promise<{ status: number; body: string }> {
    const operation = `POST ${path}`;
    return new Promise((resolve, reject) => {
      const fail = (code: 'ETCD_UNAVAILABLE' | 'ETCD_TIMEOUT', why: string, cause?: unknown): void => {
        clearTimeout(timer);
        reject(new CharmError({ code, operation, message: `etcd at ${endpoint} ${why}`, cause, retryable: true }));
      };
      const sent = request(
        new URL(path, endpoint),
        {
          method: 'POST',
          agent: this.agent(),
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', (cause) => fail('ETCD_UNAVAILABLE', `broke off its answer: ${cause.message}`, cause));
          answer.on('end', () => {
            clearTimeout(timer);
            resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
          });
        },
      );
      const timer = setTimeout(() => {
        sent.destroy();
        fail('ETCD_TIMEOUT', `gave no answer within ${timeoutMs} ms`);
      }, timeoutMs);
      sent.on('error', (cause) => fail('ETCD_UNAVAILABLE', `cannot be reached: ${cause.message}`, cause));
      sent.end(body);
    });
  }
}
