import { request } from 'node:https';
import type { GateAnswer } from '../domain/start-gate';
import type { PemCredentials } from '../ports/pem-credentials';
import { parseAnswer } from './knowledge';

/** Where the answer is. */
export const answerPath = '/generation';
const longestAnswer = 4096;

/** Asks one responder over TLS, both sides with a certificate of the CA. Rejects where no answer came before `signal` aborts. */
export function askPeer(
  { address, port }: { readonly address: string; readonly port: number },
  { ca, certificate, key }: PemCredentials,
  signal: AbortSignal,
): Promise<GateAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: address, port, path: answerPath, agent: false, ca, cert: certificate, key, signal },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('error', reject);
        answer.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > longestAnswer) answer.destroy(new Error('the answer is too long'));
        });
        answer.on('end', () => {
          if (answer.statusCode !== 200) return reject(new Error(`HTTP ${answer.statusCode ?? 0}`));
          try {
            resolve(parseAnswer(text));
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}
