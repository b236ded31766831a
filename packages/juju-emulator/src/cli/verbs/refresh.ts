import { ControllerError } from '../../controller/api-client';
import { bindingChanges } from '../bindings';
import { CliError } from '../cli-error';
import { type Registry, sessionOf, verb } from '../program';

interface RefreshFlags {
  readonly model?: string;
  readonly path?: string;
  readonly forceUnits?: boolean;
  readonly force?: boolean;
  readonly forceBase?: boolean;
  readonly forceSeries?: boolean;
}

/** refresh, by its name of 2.9 upgrade-charm. */
export function registerRefresh(registry: Registry): void {
  verb(registry, 'refresh <application>', "Refresh an application's charm.")
    .alias('upgrade-charm')
    .option('--path <path>', 'Refresh to a charm located at path')
    .option('--channel <channel>', 'Accepted: there is no charm store')
    .option('--revision <number>', 'Accepted: there is no charm store')
    .option('--force-units', 'Refresh all units immediately, even if in error state')
    .option('--force', 'Allow a charm that does not name the base of the application')
    .option('--force-base', 'Refresh even if the base of the deployed application is not supported by the charm')
    .option('--force-series', '2.9: as --force-base')
    .missing('no application specified')
    .details('Uploads the charm of --path under the next revision; the units upgrade when they are idle.')
    .examples('juju refresh mysql --path ./mysql.charm')
    .seeAlso('deploy')
    .action(async (application: string, flags: RefreshFlags) => {
      const session = sessionOf(flags);
      if (flags.path === undefined) throw new CliError('there is no charm store: give --path');
      const path = session.locateCharm(flags.path);
      const charm = await session.ask('charmInfo', { path });
      const before = await session.ask('applicationInfo', { application }).catch((error: unknown) => {
        if (!(error instanceof ControllerError) || error.code !== 'not-found') throw error;
        throw new CliError(`"${application}" deploy incomplete, please try refresh again in a little bit.`);
      });
      const force = [flags.force, flags.forceBase, flags.forceSeries].includes(true);
      await session.call('refresh', {
        application,
        path,
        options: { forceUnits: flags.forceUnits === true, force },
      });
      registry.terminal.err(`Added local charm "${charm.name}", revision ${charm.revision}, to the model\n`);
      for (const line of bindingChanges(before['endpoint-bindings'], charm.endpoints))
        registry.terminal.err(`${line}\n`);
    });
}
