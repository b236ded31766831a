import { existsSync } from 'node:fs';
import { currentModel, knownModels, modelDirectory } from '../../controller/model-directory';
import type { ModelInfoAnswer } from '../../model';
import { CliError } from '../cli-error';
import { MapDocument, toJson, toYaml } from '../document';
import { plainVerb, type Registry, sessionOf } from '../program';
import { openSession } from '../session';
import { layoutTable } from '../status/table';

/** Every model whose controller process answers. */
async function liveModels(): Promise<readonly ModelInfoAnswer[]> {
  const names = knownModels().filter((name) => existsSync(modelDirectory(name).socket));
  const answers = await Promise.all(
    names.map((name) =>
      openSession(name)
        .ask('modelInfo', {})
        .catch(() => undefined),
    ),
  );
  return answers.filter((answer) => answer !== undefined);
}

const modelDocument = (model: ModelInfoAnswer): Record<string, unknown> => ({
  name: `admin/${model.name}`,
  'short-name': model.name,
  'model-uuid': model.uuid,
  'model-type': 'iaas',
  'controller-uuid': model.controllerUuid,
  'controller-name': model.controller,
  'is-controller': false,
  cloud: model.cloud,
  type: model.cloud,
  life: 'alive',
  status: { current: 'available', since: 'just now' },
  access: 'admin',
  'last-connection': 'just now',
  'agent-version': model.agentVersion,
});

/** models, controllers, show-controller, whoami: each model has a controller process of its own; they are shown as one controller. */
export function registerControllerVerbs(registry: Registry): void {
  const { terminal } = registry;
  const write = (format: string, document: unknown): void =>
    terminal.out(format === 'json' ? toJson(document) : toYaml(document));

  plainVerb(registry, 'models', 'Lists models a user can access on a controller.')
    .alias('list-models')
    .option('-c, --controller <name>', 'Accepted: there is one controller')
    .option('--all', 'Accepted: there is one user')
    .option('--user <name>', 'Accepted: there is one user')
    .option('--uuid', 'Display UUID for models')
    .option('--utc', 'Display times in UTC')
    .option('--exact-time', 'Accepted')
    .formats('tabular', 'json', 'yaml')
    .seeAlso('add-model', 'switch')
    .action(async (flags: { format: string; uuid?: boolean }) => {
      const models = await liveModels();
      const current = currentModel();
      if (flags.format !== 'tabular') {
        write(flags.format, {
          models: models.map(modelDocument),
          ...(current === undefined ? {} : { 'current-model': current }),
        });
        return;
      }
      const rows = models.map((model) => [
        model.name === current ? `${model.name}*` : model.name,
        ...(flags.uuid === true ? [model.uuid] : []),
        model.cloud,
        model.cloud,
        'available',
        String(model.machines),
        String(model.units),
        'admin',
        'just now',
      ]);
      const head = ['Model', 'Cloud/Region', 'Type', 'Status', 'Machines', 'Units', 'Access', 'Last connection'];
      if (flags.uuid === true) head.splice(1, 0, 'UUID');
      const right = flags.uuid === true ? [5, 6] : [4, 5];
      terminal.out(`Controller: ${models[0]?.controller ?? 'emulator'}\n\n${layoutTable([head, ...rows], right)}`);
    });

  plainVerb(registry, 'controllers', 'Lists all controllers.')
    .alias('list-controllers')
    .option('--managed', 'Accepted')
    .option('--refresh', 'Accepted')
    .formats('tabular', 'json', 'yaml')
    .action(async (flags: { format: string }) => {
      const models = await liveModels();
      const current = currentModel();
      const [first] = models;
      const controller = {
        ...(current === undefined ? {} : { 'current-model': current }),
        user: 'admin',
        access: 'superuser',
        'recent-server': first === undefined ? '' : modelDirectory(first.name).socket,
        uuid: first?.controllerUuid ?? '',
        'api-endpoints': models.map((model) => modelDirectory(model.name).socket),
        cloud: 'emulator',
        'agent-version': first?.agentVersion ?? '',
        'model-count': models.length,
        'machine-count': models.reduce((sum, model) => sum + model.machines, 0),
      };
      if (flags.format !== 'tabular')
        write(flags.format, {
          controllers: new MapDocument({ emulator: controller }),
          'current-controller': 'emulator',
        });
      else
        terminal.out(
          layoutTable([
            ['Controller', 'Model', 'User', 'Access', 'Cloud/Region', 'Models', 'Nodes', 'HA', 'Version'],
            [
              'emulator*',
              current ?? '-',
              'admin',
              'superuser',
              'emulator',
              String(models.length),
              String(controller['machine-count']),
              'none',
              first?.agentVersion ?? '-',
            ],
          ]),
        );
    });

  plainVerb(registry, 'whoami', 'Print current login details.')
    .formats('tabular', 'json', 'yaml')
    .action((flags: { format: string }) => {
      const model = currentModel();
      if (flags.format === 'tabular')
        terminal.out(
          layoutTable([
            ['Controller:', 'emulator'],
            ['Model:', model === undefined ? '<no-current-model>' : `admin/${model}`],
            ['User:', 'admin'],
          ]),
        );
      else
        write(flags.format, {
          controller: 'emulator',
          ...(model === undefined ? {} : { model: `admin/${model}` }),
          user: 'admin',
        });
    });

  plainVerb(registry, 'show-controller [name]', 'Shows detailed information of a controller.')
    .formats('yaml', 'json')
    .action(async (name: string | undefined, flags: { format: string }) => {
      if (name !== undefined && name !== 'emulator') throw new CliError(`controller ${name} not found`);
      const { agentVersion, controllerUuid } = await sessionOf({}).ask('modelInfo', {});
      write(flags.format, {
        emulator: {
          details: { 'controller-uuid': controllerUuid, cloud: 'emulator', 'agent-version': agentVersion },
          account: { user: 'admin', access: 'superuser' },
        },
      });
    });
}
