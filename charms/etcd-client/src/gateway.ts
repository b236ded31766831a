import { Agent, request } from 'node:https';
import type { Credentials } from './credentials';

/** A request to a member failed. Its text has the member's words and never the key material. */
export class GatewayError extends Error {
  readonly code = 'gateway';

  constructor(
    readonly operation: string,
    message: string,
    readonly retryable: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'GatewayError';
  }
}

/** Keys and values of a cluster, asked at one member at a time. */
export interface KeyValues {
  /** Writes a key through that member, and gives the store's revision after it. */
  put(endpoint: string, key: string, value: string): Promise<string>;
  /** Reads a key through that member, linearizably; null where there is none. */
  get(endpoint: string, key: string): Promise<string | null>;
}

/** How the charm reaches a cluster; tests put their own in. */
export type Connect = (credentials: Credentials) => KeyValues;

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
/** Longer than an election takes. */
const timeoutMs = 8000;

/** etcd's JSON gateway (`/v3/kv/...`, etcd 3.4 and later), over TLS with a client certificate. */
export function gateway(credentials: Credentials): KeyValues {
  const agent = new Agent({
    ca: credentials.ca,
    cert: credentials.certificate,
    key: credentials.key,
    minVersion: 'TLSv1.2',
    keepAlive: false,
  });
  return {
    put: async (endpoint, key, value) => {
      const answer = await post(agent, endpoint, '/v3/kv/put', { key: base64(key), value: base64(value) });
      return revisionOf(answer);
    },
    get: async (endpoint, key) => {
      const answer = await post(agent, endpoint, '/v3/kv/range', { key: base64(key) });
      return firstValueOf(answer);
    },
  };
}

type Answer = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Answer => typeof value === 'object' && value !== null && !Array.isArray(value);

function revisionOf(answer: Answer): string {
  const header = answer['header'];
  const revision = isMap(header) ? header['revision'] : undefined;
  return typeof revision === 'string' ? revision : '';
}

/** The gateway leaves out what is empty: no `kvs` means no key, no `value` an empty one. */
function firstValueOf(answer: Answer): string | null {
  const kvs = answer['kvs'];
  const first: unknown = Array.isArray(kvs) ? kvs[0] : undefined;
  if (!isMap(first)) return null;
  const value = first['value'];
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}

function post(agent: Agent, endpoint: string, path: string, body: Readonly<Record<string, string>>): Promise<Answer> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const fail = (message: string, retryable: boolean, cause?: unknown): void =>
      reject(new GatewayError(`${path} at ${endpoint}`, message, retryable, cause));
    let url: URL;
    try {
      url = new URL(path, endpoint);
    } catch (cause) {
      return fail(`"${endpoint}" is no URL`, false, cause);
    }
    if (url.protocol !== 'https:') return fail(`${endpoint} is not https`, false);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request(url, { method: 'POST', agent, headers, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (cause) => fail(cause.message, true, cause));
      response.on('end', () => {
        const answer = parse(Buffer.concat(chunks).toString('utf8'));
        if (answer === null) return fail(`status ${response.statusCode} and no JSON`, true);
        if (response.statusCode !== 200) return fail(wordsOf(answer, response.statusCode), true);
        resolve(answer);
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    sent.on('error', (cause: NodeJS.ErrnoException) => fail(cause.message, true, cause));
    sent.end(text);
  });
}

function parse(text: string): Answer | null {
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : null;
  } catch {
    return null;
  }
}

/** Errors have `message`; older gateways `error`. */
function wordsOf(answer: Answer, statusCode: number | undefined): string {
  const words = answer['message'] ?? answer['error'];
  return typeof words === 'string' ? words : `status ${statusCode}`;
}
