import { formatConstraints, parseConstraints } from '../../model';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import { type Registry, sessionOf, verb } from '../program';

/** What was typed as constraints, or why it is none. */
function checked(words: readonly string[]): Record<string, string | number> {
  try {
    return parseConstraints(words.join(' '));
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

function print(constraints: Readonly<Record<string, string | number>>, format: string): string {
  if (format === 'json') return toJson(constraints);
  if (format === 'yaml') return toYaml(constraints);
  const text = formatConstraints(constraints);
  return text === '' ? '' : `${text}\n`;
}

/** constraints, set-constraints, model-constraints, set-model-constraints: kept and shown; machines here are all alike. */
export function registerConstraints(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'constraints <application>', 'Displays machine constraints for an application.')
    .alias('get-constraints')
    .formats('constraints', 'json', 'yaml')
    .missing('no application name specified')
    .examples('juju constraints mysql')
    .seeAlso('set-constraints', 'model-constraints')
    .action(async (application: string, flags: { model?: string; format: string }) => {
      if (!/^[a-z][a-z0-9-]*$/.test(application)) throw new CliError(`invalid application name "${application}"`, 2);
      terminal.out(print((await sessionOf(flags).ask('applicationInfo', { application })).constraints, flags.format));
    });
  verb(registry, 'set-constraints <application> [constraints...]', 'Sets machine constraints for an application.')
    .missing('no application name specified')
    .examples('juju set-constraints mysql mem=8G cores=4')
    .seeAlso('constraints')
    .action(async (application: string, words: string[], flags: { model?: string }) => {
      if (!/^[a-z][a-z0-9-]*$/.test(application)) throw new CliError(`invalid application name "${application}"`, 2);
      await sessionOf(flags).call('setConstraints', { application, constraints: checked(words) });
    });
  verb(registry, 'model-constraints', 'Displays machine constraints for a model.')
    .alias('get-model-constraints')
    .formats('constraints', 'json', 'yaml')
    .action(async (flags: { model?: string; format: string }) => {
      const { constraints } = await sessionOf(flags).ask('modelInfo', {});
      terminal.out(print(constraints, flags.format));
    });
  verb(registry, 'set-model-constraints [constraints...]', 'Sets machine constraints on a model.')
    .seeAlso('model-constraints')
    .action(async (words: string[], flags: { model?: string }) => {
      await sessionOf(flags).call('setConstraints', { constraints: checked(words) });
    });
}
