import { join } from 'node:path';
import type { CharmRun, HookEvent, RelationBag, RelationId } from '@juju/charm-helpers-ts';
import { Authority } from './authority';
import { certificatesKey, readEntries, readRequests, type Entry, type Request } from './entries';
import { readOptions, type Options } from './options';
import { plan, type Permission } from './plan';

/** What the charm touches besides Juju; tests put their own in. */
export interface Surroundings {
  /** Where the authority is kept. */
  readonly stateDir?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Every hook does the same: reads all relations, signs what is open and takes out what nobody asks for any more. What was signed
 * stands in the application's bags alone.
 */
export async function charm(run: CharmRun, surroundings: Surroundings = {}): Promise<void> {
  const { context, tools, log } = run;
  if (context.event.kind === 'stop' || context.event.kind === 'remove') return;
  // As the words of self-signed-certificates: its other units never answer.
  if (!(await tools.isLeader())) return tools.statusSet('blocked', 'Scaling is not implemented for this charm');
  const options = readOptions(await tools.configGet());
  if (options.validity === null)
    return tools.statusSet('blocked', 'certificate-validity must be a number with s, m, h or d, e.g. 90d');
  // Beside the charm's directory: an upgrade replaces that one only, and it goes when the unit goes.
  const stateDir = surroundings.stateDir ?? join(context.charmDir, '..', 'certificate-authority');
  const now = (surroundings.now ?? Date.now)();
  if (!seesRequests(context.event, options)) return tools.statusSet('active', '');

  const known = await Authority.read(stateDir);
  const relations = await relationsOf(run);
  if (known === null && relations.some(({ entries }) => entries.length > 0))
    return tools.statusSet('blocked', 'The authority is with the unit that led before');
  const current = known?.commonName === options.commonName ? known : null;
  const authority = current ?? (await Authority.make(stateDir, options.commonName, now));
  const terms = { validity: options.validity, withoutKeyUsage: options.withoutKeyUsage };
  const skipped: string[] = [];
  for (const { id, bag, entries, requests } of relations) {
    const good = entries.filter(({ revoked }) => current !== null || options.lateAnswer || revoked === true);
    const { keep, sign } = plan(requests, good, permission(options, known, current));
    const signed = sign.flatMap((request) => signedOrSkipped(authority, request, skipped));
    const text = JSON.stringify([...keep, ...signed] satisfies Entry[]);
    if (text === (bag[certificatesKey] ?? '[]')) continue;
    await tools.relationSet({ [certificatesKey]: text }, { relation: id, application: true });
    log.info(`signed ${signed.length}, in all ${keep.length + signed.length} certificates on ${id}`);
  }
  await tools.statusSet('active', skipped.length === 0 ? '' : `Skipped: ${skipped.join('; ')}`);

  function signedOrSkipped(signer: Authority, request: Request, problems: string[]): readonly Entry[] {
    try {
      return [signer.sign(request, terms, now)];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warning(`skipped a request that cannot be signed: ${why}`);
      problems.push('a request that cannot be signed');
      return [];
    }
  }
}

/** Which events look at requests at all, with the fault on: the recorded charm reads none in the others. */
function seesRequests(event: HookEvent, { lateAnswer }: Options): boolean {
  if (!lateAnswer) return true;
  const kinds = ['relation-changed', 'update-status', 'config-changed', 'secret-changed', 'secret-expired'];
  return kinds.includes(event.kind);
}

/** The hook that makes or replaces the authority signs nothing, with the fault on. */
function permission({ revoke, lateAnswer }: Options, known: Authority | null, current: Authority | null): Permission {
  if (revoke) return 'revoke';
  if (current !== null || !lateAnswer) return 'sign';
  return known === null ? 'nothing' : 'revoke';
}

interface Relation {
  readonly id: RelationId;
  /** The own application's. */
  readonly bag: RelationBag;
  readonly entries: readonly Entry[];
  readonly requests: readonly Request[];
}

async function relationsOf({ context, tools }: CharmRun): Promise<readonly Relation[]> {
  const found: Relation[] = [];
  for (const id of await tools.relationIds('certificates')) {
    // A relation that is going can no longer be written to.
    if (context.event.kind === 'relation-broken' && context.event.relationId === id) continue;
    const bag = await tools.relationGet({ relation: id, application: context.application });
    const units = await tools.relationList({ relation: id });
    const application = units[0]?.split('/')[0] ?? (await tools.relationListApplication({ relation: id }));
    const bags = await Promise.all([
      ...units.map((unit) => tools.relationGet({ relation: id, unit })),
      tools.relationGet({ relation: id, application }),
    ]);
    found.push({ id, bag, entries: readEntries(bag), requests: bags.flatMap((one) => readRequests(one)) });
  }
  return found;
}
