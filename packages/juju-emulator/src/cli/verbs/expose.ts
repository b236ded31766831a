import { CliError } from '../cli-error';
import { type Registry, sessionOf, verb } from '../program';

const checkName = (application: string): void => {
  if (!/^[a-z][a-z0-9-]*$/.test(application)) throw new CliError(`invalid application name "${application}"`, 2);
};

/** expose, unexpose. The emulator has no firewall: what is exposed is told, nothing more. */
export function registerExpose(registry: Registry): void {
  verb(registry, 'expose <application>', 'Makes an application publicly available over the network.')
    .option(
      '--endpoints <names>',
      'Expose only the ports that charms have opened for this comma-delimited list of endpoints',
    )
    .option('--to-spaces <names>', 'Accepted: there is one space')
    .option('--to-cidrs <cidrs>', 'Accepted: there is no firewall')
    .missing('no application name specified')
    .seeAlso('unexpose')
    .action(async (application: string, flags: { model?: string }) => {
      checkName(application);
      await sessionOf(flags).call('expose', { application, exposed: true });
    });
  verb(registry, 'unexpose <application>', 'Removes public availability over the network for an application.')
    .option(
      '--endpoints <names>',
      'Unexpose only the ports that charms have opened for this comma-delimited list of endpoints',
    )
    .missing('no application name specified')
    .seeAlso('expose')
    .action(async (application: string, flags: { model?: string }) => {
      checkName(application);
      await sessionOf(flags).call('expose', { application, exposed: false });
    });
}
