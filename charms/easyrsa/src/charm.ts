import { join } from 'node:path';
import type { CharmRun, HookTools, RelationBag, RelationId } from '@juju/charm-helpers-ts';
import { changedKeys, type Answered } from './answer';
import { clientName } from './certificate-name';
import { EasyRsa } from './easy-rsa';
import { readFaults } from './faults';
import { easyRsaVersion, ensureEasyRsa } from './package';
import { plan, sharedClient } from './plan';
import { realProcesses, type Processes } from './processes';
import { describe, noAddress, notLeader, unitStatus, type UnitStatus } from './status';
import { readRequests, type BadRequest, type CertificateRequest } from './request';

/** What the charm touches besides Juju; tests put their own in. */
export interface Surroundings {
  readonly processes?: Processes;
  /** Where the authority is kept. */
  readonly stateDir?: string;
}

/**
 * Every hook does the same: reads all relations and answers all that is open. So an answer is never tied to the hook
 * that brought the request.
 */
export async function charm(run: CharmRun, surroundings: Surroundings = {}): Promise<void> {
  const { context, tools } = run;
  const processes = surroundings.processes ?? realProcesses;
  // Beside the charm's directory: an upgrade replaces that one only, and it goes when the unit goes.
  const stateDir = surroundings.stateDir ?? join(context.charmDir, '..', 'certificate-authority');
  // Going away: what was issued stays valid and nobody is left to answer.
  if (context.event.kind === 'stop' || context.event.kind === 'remove') return;
  await ensureEasyRsa(processes);
  if (context.event.kind === 'install' || context.event.kind === 'upgrade-charm') await showVersion(tools, processes);

  const easyRsa = new EasyRsa(stateDir, processes);
  const authority = await ensureAuthority(tools, easyRsa);
  const { status, message } = typeof authority === 'string' ? await answerAll(run, easyRsa, authority) : authority;
  await tools.statusSet(status, message);
}

async function showVersion(tools: HookTools, processes: Processes): Promise<void> {
  const version = await easyRsaVersion(processes);
  if (version !== null) await tools.applicationVersionSet(version);
}

/** The authority's certificate, or the status that tells why there is none. */
async function ensureAuthority(tools: HookTools, easyRsa: EasyRsa): Promise<string | UnitStatus> {
  const found = await easyRsa.authority();
  if (found !== null) return found;
  if (!(await tools.isLeader())) return notLeader;
  const [address] = (await tools.networkGet('client')).ingressAddresses;
  if (address === undefined) return noAddress;
  await easyRsa.createAuthority(address);
  return (await easyRsa.authority()) ?? noAddress;
}

interface Relation {
  readonly id: RelationId;
  /** The own unit's bag. */
  readonly bag: RelationBag;
  readonly good: readonly CertificateRequest[];
  readonly bad: readonly BadRequest[];
}

async function answerAll(run: CharmRun, easyRsa: EasyRsa, ca: string): Promise<UnitStatus> {
  const { tools, log } = run;
  const faults = readFaults(await tools.configGet());
  const relations = await readRelations(run);
  const bad = relations.flatMap((relation) => relation.bad);
  if (faults.failOnBadRequest && bad[0] !== undefined) throw new Error(describe(bad[0]));
  for (const request of bad) log.warning(`skipped ${describe(request)}`);

  const planned = plan(
    relations.flatMap((relation) => relation.good),
    await easyRsa.issued(),
    faults,
  );
  for (const issue of planned.issue) {
    log.info(`issuing a ${issue.kind} certificate for ${issue.commonName}, SANs ${issue.sans.join(' ') || 'none'}`);
    await easyRsa.issue(issue);
  }
  for (const name of planned.revoke) await easyRsa.revoke(name);

  const client = await easyRsa.read(clientName(sharedClient).full);
  const answered: Answered[] = [];
  for (const { request, name } of planned.answer) answered.push({ request, certificate: await easyRsa.read(name) });
  for (const { id, bag } of relations) {
    const changed = changedKeys(id, bag, ca, client, answered, faults);
    if (Object.keys(changed).length > 0) await tools.relationSet(changed, { relation: id });
  }
  return unitStatus(
    relations.some(({ bag }) => bag['ca'] !== undefined),
    bad,
  );

  async function readRelations({ context }: CharmRun): Promise<readonly Relation[]> {
    const found: Relation[] = [];
    for (const id of await tools.relationIds('client')) {
      // A relation that is going can no longer be written to.
      if (context.event.kind === 'relation-broken' && context.event.relationId === id) continue;
      const bag = await tools.relationGet({ relation: id, unit: context.unit });
      const good: CertificateRequest[] = [];
      const wrong: BadRequest[] = [];
      for (const unit of await tools.relationList({ relation: id })) {
        const requests = readRequests(id, unit, await tools.relationGet({ relation: id, unit }), faults);
        good.push(...requests.good);
        wrong.push(...requests.bad);
      }
      found.push({ id, bag, good, bad: wrong });
    }
    return found;
  }
}
