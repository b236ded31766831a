import { access } from 'node:fs/promises';
import { easyRsaScript } from './easy-rsa';
import { ProcessError, type Processes } from './processes';

const apt = { DEBIAN_FRONTEND: 'noninteractive' };
const install = ['install', '--yes', '--quiet', '--no-install-recommends', 'easy-rsa'];

/** Installs Debian's easy-rsa where it is missing. @throws ProcessError, retryable: Juju retries the hook. */
export async function ensureEasyRsa(processes: Processes): Promise<void> {
  if (await isInstalled()) return;
  try {
    await processes.run('apt-get', install, apt);
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    // A machine that was just made has no package lists, or old ones.
    await processes.run('apt-get', ['update', '--quiet'], apt);
    await processes.run('apt-get', install, apt);
  }
}

/** The version of easy-rsa, e.g. `3.1.0`; null where it does not say. */
export async function easyRsaVersion(processes: Processes): Promise<string | null> {
  const [, version] = /Version:\s*(\S+)/.exec(await processes.run(easyRsaScript, ['--version'])) ?? [];
  return version ?? null;
}

async function isInstalled(): Promise<boolean> {
  return access(easyRsaScript).then(
    () => true,
    () => false,
  );
}
