import type { ApplicationInfoAnswer } from '../../model';
import { CliError } from '../cli-error';
import { MapDocument, toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';

/** One application, fields in the order of Juju's struct. */
export function applicationDocument(info: ApplicationInfoAnswer): Record<string, unknown> {
  const constraints = Object.entries(info.constraints);
  return {
    charm: info.charm,
    base: `${info.base.name}@${info.base.channel.replace(/\/stable$/, '')}`,
    ...(info.channel === undefined || info.channel === '' ? {} : { channel: info.channel }),
    ...(constraints.length === 0 ? {} : { constraints: new MapDocument(info.constraints) }),
    principal: info.principal,
    exposed: info.exposed,
    ...(info['exposed-endpoints'] === undefined || Object.keys(info['exposed-endpoints']).length === 0
      ? {}
      : { 'exposed-endpoints': new MapDocument(info['exposed-endpoints']) }),
    remote: info.remote,
    ...(info.life === '' ? {} : { life: info.life }),
    ...(Object.keys(info['endpoint-bindings']).length === 0
      ? {}
      : { 'endpoint-bindings': new MapDocument(info['endpoint-bindings']) }),
  };
}

export function registerShowApplication(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'show-application <application-names...>', 'Displays information about an application.')
    .formats('yaml', 'json', 'smart')
    .missing('an application name must be supplied')
    .examples('juju show-application mysql', 'juju show-application mysql wordpress')
    .seeAlso('status', 'show-unit')
    .action(async (names: string[], flags: { model?: string; format: string }) => {
      const wrong = names.filter((name) => !/^[a-z][a-z0-9-]*$/.test(name));
      if (wrong.length > 0) throw new CliError(`application names: ${wrong.join(', ')} not valid`, 2);
      const session = sessionOf(flags);
      const documents: Record<string, unknown> = {};
      for (const application of names)
        documents[application] = applicationDocument(await session.ask('applicationInfo', { application }));
      const document = new MapDocument(documents);
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });
}
