import type { ActionResults } from '@juju/charm-helpers-ts';
import { homeOwner } from '../backup/back-up';
import { readBackupState } from '../backup/state-file';
import { diskUsage, type BackupRecord } from '../domain/backup';
import { defaultTarget, targetFault } from '../domain/backup-wish';
import { CharmError } from '../domain/errors';
import { callMember, healthyVoterUrls, ownMember } from '../domain/member';
import type { Observed } from '../domain/observed';
import { reachableBy, targetProblem } from '../ports/backup-target';
import { homeUser, type Paths } from '../ports/paths';
import { done, failed, type Action, type ActionCall } from './action';
import { memberRefusal, membersOf, quorumRefusal } from './refusals';

/** Where backups go: the parameter, and this unit's own place for the default. Gives why it cannot be, too. */
export function targetOf(text: string, paths: Paths): { readonly target: string } | { readonly refusal: string } {
  if (text === '' || text === defaultTarget) return { target: paths.snapshots };
  const fault = targetFault(text);
  if (fault !== null) return { refusal: `target is "${text}", and ${fault}.` };
  return { target: text.replace(/(.)\/+$/, '$1') };
}

/** Units that can be asked instead: those with a healthy voter, the own one left out. */
function otherUnits(observed: Observed): string {
  const own = ownMember(observed)?.id ?? null;
  const urls = new Set(healthyVoterUrls(observed, own));
  const names = membersOf(observed)
    .filter(({ clientUrls }) => clientUrls.some((one) => urls.has(one)))
    .map((member) => callMember(observed, member));
  const [first] = names;
  return first === undefined ? 'another unit' : first;
}

/** Why the member of this unit is not the one to ask now; null where it is. What it has not seen yet is found out by asking it. */
export function staleRefusal(observed: Observed): string | null {
  const unit = observed.unit.name;
  const instead = otherUnits(observed);
  if (ownMember(observed)?.learner === true)
    return `The member of ${unit} is a learner and still copies data: run snapshot on ${instead}, or on this unit with allow-stale=true.`;
  const { local } = observed.cluster;
  if (local.known && local.value.errors.some((line) => /CORRUPT/.test(line)))
    return `A member has the alarm CORRUPT: run check-consistency first, and take the snapshot on a unit whose data are right.`;
  const quorum = quorumRefusal(observed);
  return quorum === null ? null : `${quorum.replace(/\.$/, '')}, or take what this member has with allow-stale=true.`;
}

/** What a stale snapshot may lack, in words: by what the members that answer say of themselves. */
export function howStale(observed: Observed): string {
  const { local, statuses } = observed.cluster;
  if (!local.known) return 'it is unknown how stale it is';
  const own = local.value;
  const answers = [...statuses.values()].flatMap((status) => (status.known ? [status.value] : []));
  const newest = answers.reduce((one, other) => (other.revision > one.revision ? other : one), own);
  const silent = membersOf(observed).length - new Set([own.memberId, ...answers.map((status) => status.memberId)]).size;
  const behind = newest.revision - own.revision;
  return [
    behind === 0n
      ? `no member that answers is ahead of revision ${own.revision}`
      : `it is ${behind} revisions behind ${newest.memberId}, which is at ${newest.revision}`,
    ...(silent === 0 ? [] : [`${silent} of ${membersOf(observed).length} members do not answer, and may know more`]),
  ].join('; ');
}

/** The revision that every write acknowledged until now has at most, agreed on by a majority through the own member. */
async function agreedRevision(
  { execution }: ActionCall,
  observed: Observed,
): Promise<bigint | { readonly refusal: string }> {
  const endpoint = await execution.local();
  if (endpoint === null)
    return { refusal: `${observed.unit.name} has no address yet: wait until its status says more.` };
  try {
    return await (await execution.maintenance()).revision(endpoint);
  } catch (error) {
    if (!(error instanceof CharmError)) throw error;
    if (/permission denied|invalid auth/i.test(error.message)) throw error;
    return {
      refusal: `The member of ${observed.unit.name} does not keep up with the cluster (${error.message.replace(/\.$/, '')}): run snapshot on ${otherUnits(observed)}, or on this unit with allow-stale=true.`,
    };
  }
}

async function resultsOf(
  { path, archiveSize, archiveSha256, manifest }: BackupRecord,
  unit: string,
  stale: string | null,
  onMachine: boolean,
): Promise<ActionResults> {
  const owner = onMachine ? await homeOwner() : null;
  const reachable = owner === null || (await reachableBy(owner.uid, path));
  const note = reachable
    ? []
    : [
        `the user ${homeUser} cannot reach ${path}: copy it with juju exec or juju ssh as root, or give a target under /home/${homeUser}`,
      ];
  const command = `juju scp ${unit}:${path} .`;
  return {
    snapshot: { path, size: diskUsage(archiveSize), sha256: archiveSha256, version: manifest.etcdVersion },
    copy: { cmd: command },
    revision: manifest.revision,
    keys: manifest.totalKeys,
    member: manifest.member,
    'member-id': manifest.memberId,
    'cluster-id': manifest.clusterId,
    ...(stale === null ? {} : { stale }),
    output: [
      `saved revision ${manifest.revision} of ${manifest.member} in ${path} (${diskUsage(archiveSize)})`,
      ...(stale === null ? [] : [`warning: the snapshot may be stale: ${stale}`]),
      ...note.map((line) => `warning: ${line}`),
      `copy it with: ${command}`,
    ].join('\n'),
  };
}

/** `snapshot`: a checked archive of what this unit's member has. */
export const action: Action = async (call) => {
  const { parameters, execution } = call;
  if (parameters.text('keys-version', 'v3') !== 'v3')
    return failed(
      'keys-version=v2 is not supported: this charm keeps v3 keys only. Copy v2 keys with the charm that holds them; nothing was changed.',
    );
  const place = targetOf(parameters.text('target'), execution.paths);
  if ('refusal' in place) return failed(place.refusal);
  const { target } = place;
  const observed = await call.observe();
  const refusal = memberRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const { local } = observed.cluster;
  if (!local.known) return failed(`etcd on ${observed.unit.name} does not answer: ${local.reason}.`);
  // The database for etcd's own tool, and at most as much again for the archive.
  const problem = await targetProblem(target, 2 * local.value.dbSize);
  if (problem !== null) return failed(`${target} ${problem}.`);
  const agreed = staleRefusal(observed) ?? (await agreedRevision(call, observed));
  const behind = typeof agreed === 'bigint' ? null : typeof agreed === 'string' ? agreed : agreed.refusal;
  if (behind !== null && !parameters.flag('allow-stale')) return failed(behind);
  const leastRevision = typeof agreed === 'bigint' ? agreed : null;
  await call.perform({ kind: 'save-backup', target, leastRevision });
  const { lastGood } = await readBackupState(execution.files, execution.paths);
  if (lastGood === null) throw new Error('the snapshot was saved and not noted');
  return done(
    await resultsOf(
      lastGood,
      observed.unit.name,
      leastRevision === null ? howStale(observed) : null,
      execution.owner !== null,
    ),
  );
};
