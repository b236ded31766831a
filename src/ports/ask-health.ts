import { request } from 'node:https';
import type { Url } from '../domain/ids';
import type { PemCredentials } from './pem-credentials';

const longestAnswer = 4096;

/**
 * Asks a member, or a proxy, at `/health`: etcd answers after a linearizable read, so that one without a majority is not healthy.
 * Null for healthy, else why not; never rejects.
 */
export function askHealth(
  endpoint: Url,
  { ca, certificate, key }: PemCredentials,
  timeoutMs: number,
): Promise<string | null> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = request(
      new URL('/health', endpoint),
      { ca, cert: certificate, key, agent: false, signal },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('error', (error) => resolve(error.message));
        answer.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > longestAnswer) answer.destroy(new Error('the answer is too long'));
        });
        answer.on('end', () => {
          const healthy = answer.statusCode === 200 && /"health"\s*:\s*"?true/.test(text);
          resolve(healthy ? null : `HTTP ${answer.statusCode ?? 0} ${text.trim().slice(0, 200)}`);
        });
      },
    );
    sent.on('error', (error) => resolve(signal.aborted ? `no answer in ${timeoutMs} ms` : error.message));
    sent.end();
  });
}
