import { ControllerError } from '../../controller/api-client';
import { CliError } from '../cli-error';
import { type Registry, sessionOf, verb } from '../program';

/** integrate (relate, add-relation), remove-relation. */
export function registerRelationVerbs(registry: Registry): void {
  verb(registry, 'integrate <first> <second>', 'relates two applications')
    .aliases(['relate', 'add-relation'])
    .action(async (first: string, second: string, flags: { model?: string }) => {
      await sessionOf(flags)
        .call('integrate', { first, second })
        .catch((error: unknown) => {
          if (!(error instanceof ControllerError) || error.code !== 'already-exists') throw error;
          throw new CliError(`${error.message}: \n\nUse 'juju status --relations' to view the current relations.`);
        });
    });
  verb(registry, 'remove-relation <first> [second]', 'removes a relation, by its two ends or its id')
    .option('--force', 'accepted')
    .action(async (first: string, second: string | undefined, flags: { model?: string }) => {
      await sessionOf(flags).call('removeRelation', { first, ...(second === undefined ? {} : { second }) });
    });
}
