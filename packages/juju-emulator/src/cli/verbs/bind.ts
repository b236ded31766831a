import { bindingChanges } from '../bindings';
import { CliError } from '../cli-error';
import { keyValue, type Registry, sessionOf, verb } from '../program';

/** bind, scale-application: there is one space, alpha, and there is no Kubernetes. */
export function registerBind(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'bind <application> [bindings...]', 'Change bindings for a deployed application.')
    .option('--force', 'Accepted: there is one space')
    .missing('no application specified')
    .examples('juju bind foo alpha', 'juju bind foo endpoint-1=alpha')
    .action(async (application: string, words: string[], flags: { model?: string }) => {
      if (!/^[a-z][a-z0-9-]*$/.test(application)) throw new CliError(`invalid application name "${application}"`, 2);
      const wanted: Record<string, string> = {};
      for (const word of words) {
        const [endpoint, space] = keyValue(word) ?? ['', word];
        if (space !== 'alpha') throw new CliError(`space "${space}" not found`);
        wanted[endpoint] = space;
      }
      if (words.length === 0) throw new CliError('no bindings specified');
      const current = (await sessionOf(flags).ask('applicationInfo', { application }))['endpoint-bindings'];
      const unknown = Object.keys(wanted).find((endpoint) => current[endpoint] === undefined);
      if (unknown !== undefined) throw new CliError(`endpoint "${unknown}" not found`);
      const endpoints = Object.keys(current).filter((endpoint) => endpoint !== '');
      for (const line of bindingChanges(current, endpoints, wanted)) terminal.err(`${line}\n`);
    });

  verb(registry, 'scale-application <application> <scale>', 'Kubernetes only: set the desired number of units.').action(
    () => {
      throw new CliError('Juju command "scale-application" only supported on k8s container models', 2);
    },
  );
}
