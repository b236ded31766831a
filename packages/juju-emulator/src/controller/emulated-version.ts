import { ModelError } from '../model';

/** JUJU_VERSION of the emulator: the version whose behaviour the recordings show. */
export const emulatedVersion = '4.1-beta2';

/** What models may say they are: the recorded version, and Juju 3.6, whose tools are taken over unverified. */
export function agentVersionOf(asked: string | undefined): string {
  if (asked === undefined || asked === emulatedVersion) return emulatedVersion;
  if (asked === '3.6') return '3.6.0';
  if (/^3\.6\.\d+$/.test(asked)) return asked;
  throw new ModelError(
    'not-valid',
    'add model',
    `agent version "${asked}" is not emulated: give ${emulatedVersion}, or 3.6 (unverified)`,
  );
}
