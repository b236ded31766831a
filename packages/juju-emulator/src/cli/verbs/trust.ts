import { CliError } from '../cli-error';
import { type Registry, sessionOf, verb } from '../program';

export function registerTrust(registry: Registry): void {
  verb(registry, 'trust <application>', 'Sets the trust status of a deployed application to true.')
    .option('--remove', 'Remove trusted access from a trusted application')
    .option('--scope <scope>', 'Kubernetes only; accepted')
    .missing('no application name specified')
    .details('A trusted application may read the cloud credentials. A change runs config-changed.')
    .examples('juju trust media-wiki', 'juju trust media-wiki --remove')
    .seeAlso('config')
    .action(async (application: string, flags: { model?: string; remove?: boolean }) => {
      if (!/^[a-z][a-z0-9-]*$/.test(application)) throw new CliError(`invalid application name "${application}"`, 2);
      await sessionOf(flags).call('trust', { application, trusted: flags.remove !== true });
    });
}
