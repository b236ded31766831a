import { ControllerError } from '../../controller/api-client';
import { CliError } from '../cli-error';
import { type Registry, sessionOf, verb } from '../program';

/** integrate (relate, add-relation), remove-relation, suspend-relation, resume-relation. */
export function registerRelationVerbs(registry: Registry): void {
  verb(registry, 'integrate [endpoints...]', 'Integrate two applications.')
    .aliases(['relate', 'add-relation'])
    .option('--via <cidrs>', 'Accepted: there is no firewall')
    .details(
      `Relates two applications by the endpoints given, <application>[:<endpoint>], or by the only ones that fit:
one provides and the other requires the same interface.`,
    )
    .examples('juju integrate wordpress percona-cluster', 'juju integrate wordpress:db mysql:server')
    .seeAlso('remove-relation')
    .action(async (endpoints: string[], flags: { model?: string }) => {
      const [first, second] = endpoints;
      if (endpoints.length !== 2 || first === undefined || second === undefined)
        throw new CliError('an integration must involve two applications', 2);
      await sessionOf(flags)
        .call('integrate', { first, second })
        .catch((error: unknown) => {
          if (!(error instanceof ControllerError) || error.code !== 'already-exists') throw error;
          throw new CliError(`${error.message}: \n\nUse 'juju status --relations' to view the current relations.`);
        });
    });
  verb(registry, 'remove-relation [endpoints...]', 'Removes an existing relation between two applications.')
    .option('--force', 'Force remove a relation')
    .examples(
      'juju remove-relation mysql wordpress',
      'juju remove-relation mysql:db wordpress:db',
      'juju remove-relation 4',
    )
    .seeAlso('integrate', 'remove-application')
    .action(async (endpoints: string[], flags: { model?: string }) => {
      const [first, second] = endpoints;
      if (first === undefined || endpoints.length > 2 || (second === undefined && !/^\d+$/.test(first)))
        throw new CliError(
          first !== undefined && second === undefined
            ? `invalid relation ID "${first}"`
            : 'a relation must involve two applications',
          2,
        );
      await sessionOf(flags).call('removeRelation', { first, ...(second === undefined ? {} : { second }) });
    });
}
