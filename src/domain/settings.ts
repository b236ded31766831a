import type { Desired } from './desired';

/**
 * The settings that all members share, as a short text that changes only with the options: what a unit publishes once its member runs
 * with them, so that the etcd leader knows when it is the last to restart.
 */
export function commonSettings(desired: Desired): string {
  const { clientPort, peerPort, heartbeatInterval, electionTimeout, snapshotCount, cipherSuites } = desired;
  const listening = `${desired.bindToAllInterfaces ? 'all' : 'bound'}${desired.bindWithInsecureHttp ? '+http' : ''}`;
  const suites = cipherSuites.reduce((sum, suite) => checksum(suite, sum), 7);
  return [clientPort, peerPort, heartbeatInterval, electionTimeout, snapshotCount, listening, suites.toString(16)].join(
    ':',
  );
}

/** Tells lists of names apart; no security rests on it (FNV-1a, 32 bits). */
function checksum(text: string, start: number): number {
  let sum = start;
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return sum;
}
