import { readFile } from 'node:fs/promises';
import type { ListedSecret } from '../../controller/secret-methods';
import { parseSecretData } from '../../tools/secret-data';
import { ToolError } from '../../tools/tool-error';
import { CliError } from '../cli-error';
import { toJson, toYaml } from '../document';
import type { Invocation } from '../framework/verb';
import { type Registry, sessionOf, verb } from '../program';
import { secretsDocument, secretsTable } from '../secrets/secret-output';

interface ContentFlags {
  readonly model?: string;
  readonly info?: string;
  readonly file?: string;
}

/** Content from a command line; what is wrong with it is a usage error. */
async function contentOf(args: readonly string[], flags: ContentFlags): Promise<Record<string, string>> {
  try {
    return await parseSecretData(args, flags.file ?? '', (path) => readFile(path));
  } catch (error) {
    if (error instanceof ToolError) throw new CliError(error.message, error.exitCode);
    throw error;
  }
}

/** A number of a revision; 0 and nothing mean all, or the latest. */
function revisionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[-+]?\d+$/.test(text))
    throw new CliError(
      `invalid value "${text}" for option --revision: strconv.ParseInt: parsing "${text}": invalid syntax`,
      2,
    );
  return Number(text) === 0 ? undefined : Number(text);
}

const missingSecret = 'missing secret URI';

/** add-secret, update-secret, remove-secret, grant-secret, revoke-secret, secrets (list-secrets), show-secret. */
export function registerSecretVerbs(registry: Registry): void {
  registerChanges(registry);
  registerAccess(registry);
  registerLists(registry);
}

function registerChanges(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'add-secret <name> [key[#base64|#file]=value...]', 'Add a new secret.')
    .missing('secret name needs to be supplied as the first argument')
    .option('--info <text>', 'The secret description')
    .option('--file <path>', 'A YAML file containing secret key values')
    .examples('juju add-secret my-apitoken token=34ae35facd4', 'juju add-secret my-secret key#file=/path/to/file')
    .seeAlso('grant-secret', 'update-secret', 'show-secret')
    .action(async (name: string, args: string[], flags: ContentFlags) => {
      const content = await contentOf(args, flags);
      if (Object.keys(content).length === 0) throw new CliError('missing secret value or filename', 2);
      const uri = await sessionOf(flags).call<string>('addSecret', { name, description: flags.info ?? '', content });
      terminal.out(`${uri}\n`);
    });

  verb(registry, 'update-secret <secret> [key[#base64|#file]=value...]', 'Update an existing secret.')
    .missing(missingSecret)
    .option('--info <text>', 'The secret description')
    .option('--file <path>', 'A YAML file containing secret key values')
    .option('--name <name>', 'The new secret name')
    .option('--auto-prune', 'Remove revisions that nobody tracks any more')
    .action(
      async (
        secret: string,
        args: string[],
        flags: ContentFlags & { name?: string; autoPrune?: boolean },
        { given }: Invocation,
      ) => {
        const content = await contentOf(args, flags);
        const { name, info } = flags;
        await sessionOf(flags).call('updateSecret', {
          secret,
          ...(Object.keys(content).length === 0 ? {} : { content }),
          ...(name === undefined || name === '' ? {} : { name }),
          ...(info === undefined || info === '' ? {} : { description: info }),
          ...(given.has('autoPrune') ? { autoPrune: flags.autoPrune === true } : {}),
        });
      },
    );

  verb(registry, 'remove-secret <secret>', 'Remove an existing secret.')
    .missing(missingSecret)
    .option('--revision <number>', 'Remove the specified revision')
    .action(async (secret: string, flags: { model?: string; revision?: string }) => {
      const revision = revisionOf(flags.revision);
      await sessionOf(flags).call('removeSecret', { secret, ...(revision === undefined ? {} : { revision }) });
    });
}

function registerAccess(registry: Registry): void {
  for (const [name, text, granted] of [
    ['grant-secret', 'Grant access to a secret.', true],
    ['revoke-secret', 'Revoke access to a secret.', false],
  ] as const)
    verb(registry, `${name} <secret> <applications>`, text)
      .missing('missing secret URI or application name')
      .examples(`juju ${name} my-secret web`, `juju ${name} 9m4e2mr0ui3e8a215n4g web,other`)
      .action(async (secret: string, applications: string, flags: { model?: string }) => {
        await sessionOf(flags).call('changeSecretAccess', { secret, applications: applications.split(','), granted });
      });
}

function registerLists(registry: Registry): void {
  const { terminal } = registry;
  verb(registry, 'secrets', 'Lists secrets available in the model.')
    .alias('list-secrets')
    .formats('tabular', 'json', 'yaml')
    .option('--owner <tag>', 'Include secrets for the specified owner')
    .option('--revisions', 'Show the secret revisions metadata')
    .seeAlso('add-secret', 'remove-secret', 'show-secret', 'update-secret')
    .action(async (flags: { model?: string; format: string; owner?: string; revisions?: boolean }) => {
      const { owner } = flags;
      if (owner !== undefined && !/^(application|unit)-./.test(owner)) throw new CliError(`invalid owner "${owner}"`);
      const session = sessionOf(flags);
      const secrets = await session.call<ListedSecret[]>('listSecrets', {
        reveal: false,
        ...(owner === undefined ? {} : { owner }),
      });
      if (flags.format === 'tabular') return terminal.out(secretsTable(secrets, (await session.now()).getTime()));
      const document = secretsDocument(secrets, {
        revisions: flags.revisions === true,
        access: false,
        format: flags.format === 'json' ? 'json' : 'yaml',
      });
      terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
    });

  verb(registry, 'show-secret <secret>', 'Shows details for a specific secret.')
    .missing('secret ID is required')
    .formats('yaml', 'json')
    .option('--reveal', 'Reveal secret values, applicable to yaml or json formats only')
    .option('--revisions', 'Show the secret revisions metadata')
    .option('-r, --revision <number>', 'Show a specific revision (defaults to latest)')
    .action(
      async (
        secret: string,
        flags: { model?: string; format: string; reveal?: boolean; revisions?: boolean; revision?: string },
      ) => {
        const reveal = flags.reveal === true;
        const revision = revisionOf(flags.revision);
        if (flags.revisions === true && reveal)
          throw new CliError('specify either --revisions or --reveal but not both', 2);
        if (flags.revisions === true && revision !== undefined && revision > 0)
          throw new CliError('specify either --revisions or --revision but not both', 2);
        if (revision !== undefined && revision < 0) throw new CliError('revision must be a positive integer', 2);
        const found = await sessionOf(flags).call<ListedSecret[]>('listSecrets', {
          secret,
          reveal,
          ...(revision === undefined ? {} : { revision }),
        });
        if (found.length === 0) throw new CliError(`secret "${secret.replace(/^secret:(.*\/)?/, '')}" not found`);
        const document = secretsDocument(found, {
          revisions: flags.revisions === true,
          access: true,
          format: flags.format === 'json' ? 'json' : 'yaml',
        });
        terminal.out(flags.format === 'json' ? toJson(document) : toYaml(document));
      },
    );
}
