import { desiredFrom } from './desired';
import {
  actionableFounding,
  applicationIsLeaving,
  callMember,
  hasStarted,
  isHealthy,
  isLeaving,
  voters,
} from './member';
import type { Member, Observed } from './observed';
import { backupWarnings, refusedSchedule } from './plan-backup';
import { foreignMembers } from './plan-housekeeping';
import { mirrorWarnings } from './plan-mirror';
import { planAll } from './plan';
import { unusableOffer } from './plan-install';
import { standbyStatus } from './plan-standby';
import { expiryWarning, tlsReadiness } from './plan-tls';
import { describeServing, formerRemarks } from './former-clusters';
import { lossAdvice } from './quorum-loss';
import { isUp } from './service';
import { roleOf } from './role';
import { spaceWarnings } from './space';
import { describeHeldBack } from './start-gate';
import { recreationStatus, restoredRemark, type Status } from './status-recreation';
import type { Step, StepOf } from './step';
import { compareVersions } from './version';

export type { Status } from './status-recreation';

/**
 * The one table from what is seen and planned to the workload status. Words as in the README of the etcd charm: `cluster is healthy`,
 * `cluster-health check failed... needs attention`. Once this unit has a member: `active` while quorum holds, `blocked` without it.
 */
export function statusOf(observed: Observed): Status {
  const steps = planAll(observed).flatMap((planned) => planned.steps);
  if (isLeaving(observed)) {
    const why = applicationIsLeaving(observed) ? 'Stopping with the application' : 'Leaving the cluster';
    return { word: 'maintenance', message: why };
  }
  const { desired, problems } = desiredFrom(observed.config);
  if (problems.length > 0) return { word: 'blocked', message: problems.map(({ message }) => message).join('; ') };
  const standing = standbyStatus(observed, steps);
  if (standing !== null) return standing;
  const recreating = recreationStatus(observed);
  if (recreating !== null) return recreating;
  const { heldBack } = observed.gate;
  if (heldBack !== null && isUp(observed.service))
    return { word: 'blocked', message: describeHeldBack(heldBack, observed.unit.name) };
  if (!isMember(observed)) return formingStatus(observed, steps);
  // What the operator attached cannot be used, and etcd goes on: blocked, as options out of range are.
  const resource = observed.workload.resource.known ? observed.workload.resource.value : null;
  const unusable = resource === null ? null : unusableOffer(resource);
  const refused =
    unusable ??
    observed.mirror.problem ??
    roleOf(observed).refusal ??
    (desired === null ? null : refusedSchedule(observed, desired));
  if (refused !== null) return { word: 'blocked', message: refused };
  const status = clusterStatus(observed, steps);
  const old = describeServing(observed);
  return old === null ? status : { word: 'blocked', message: `${old}; ${status.message}` };
}

/** Whether this unit has a member of the present cluster, as its bag and disk know: it may well be down. */
function isMember(observed: Observed): boolean {
  const founding = actionableFounding(observed);
  const own = observed.peers.own.value;
  if (founding === null || own.neverElected === founding.generation) return false;
  return own.generation === founding.generation && own.memberId !== null && own.voter;
}

const isKind =
  <K extends Step['kind']>(kind: K) =>
  (step: Step): step is StepOf<K> =>
    step.kind === kind;

/** Before this unit votes: what it waits for, or what keeps it from going on. */
function formingStatus(observed: Observed, steps: readonly Step[]): Status {
  const blocked = steps.find(isKind('block'));
  if (blocked) return { word: 'blocked', message: blocked.why };
  const waits = steps.filter(isKind('wait'));
  // The last planner that waits is the furthest on.
  const wait = waits.at(-1);
  if (wait) return { word: 'waiting', message: `Waiting ${wait.why}` };
  if (steps.some(isKind('install-binaries'))) return { word: 'maintenance', message: 'Installing etcd.' };
  const { role } = roleOf(observed);
  if (steps.some(({ kind }) => kind !== 'wake-later'))
    return { word: 'maintenance', message: `Setting up its ${role === 'standby' ? 'proxy' : 'member'}` };
  if (observed.peers.relationId === null) return { word: 'waiting', message: 'Waiting for the cluster relation' };
  if (role !== 'member') return { word: 'waiting', message: 'Waiting to know whether it may stand by' };
  return { word: 'waiting', message: 'Waiting for the leader to found the cluster' };
}

function clusterStatus(observed: Observed, steps: readonly Step[]): Status {
  const { members, quorum, local } = observed.cluster;
  if (!members.known) {
    const why = local.known ? members.reason : local.reason;
    return { word: 'blocked', message: attention(`no member answers this unit (${why})`, observed, steps) };
  }
  const list = members.value;
  const faulty = list.filter((member) => !isHealthy(observed, member.id));
  const answering = `${list.length - faulty.length} of ${list.length} members`;
  const faults = faulty.map((member) => `${callMember(observed, member)} ${faultOf(observed, member)}`);
  if (!quorum.known) {
    const why = [`${answering} answer, quorum unknown`, ...faults].join('; ');
    return { word: 'blocked', message: attention(why, observed, steps) };
  }
  if (!quorum.value)
    return {
      word: 'blocked',
      message: attention([`no quorum, ${answering} answer`, ...faults].join('; '), observed, steps),
    };
  const alarms = observed.cluster.alarms.known
    ? observed.cluster.alarms.value.map(({ memberId, alarm }) => {
        const member = list.find(({ id }) => id === memberId);
        return `${alarm} on ${member ? callMember(observed, member) : memberId}`;
      })
    : [];
  const wrong = [...faults, ...alarms];
  if (wrong.length > 0)
    return { word: 'active', message: attention([`${answering} healthy`, ...wrong].join('; '), observed, steps) };
  return { word: 'active', message: [`cluster is healthy (${answering})`, ...remarks(observed, steps)].join('; ') };
}

const advice = (observed: Observed): readonly string[] => {
  const line = lossAdvice(observed);
  return line === null ? [] : [line];
};

const attention = (what: string, observed: Observed, steps: readonly Step[]): string =>
  ['cluster-health check failed... needs attention: ' + what, ...advice(observed), ...remarks(observed, steps)].join(
    '; ',
  );

function faultOf(observed: Observed, member: Member): string {
  const status = observed.cluster.statuses.get(member.id);
  if (!hasStarted(member)) return member.learner ? 'is joining' : 'has not started';
  return status?.known === true ? 'has no leader' : 'does not answer';
}

/** What else the operator should know, though the cluster serves. */
function remarks(observed: Observed, steps: readonly Step[]): readonly string[] {
  const foreign = foreignMembers(observed).map(({ id, name }) => name || id);
  const notes = steps
    .filter((step) => step.kind === 'wait' || step.kind === 'block')
    .map(({ why, kind }) => (kind === 'wait' ? `waiting ${why}` : why));
  const { desired } = desiredFrom(observed.config);
  const own =
    desired === null
      ? []
      : [...spaceWarnings(observed, desired), ...backupWarnings(observed, desired), ...mirrorWarnings(observed)];
  const { members } = observed.cluster;
  const restarting = steps.some((step) => step.kind === 'restart-etcd' || step.kind === 'take-turn');
  const gap =
    members.known && voters(members.value).length <= 2 && restarting
      ? ['restarting with a gap: one or two voters can lose none']
      : [];
  return [
    ...(foreign.length > 0 ? [`unknown member ${foreign.join(', ')}`] : []),
    ...newerVersion(observed),
    ...certificateRemarks(observed),
    ...own,
    ...gap,
    ...(steps.some((step) => step.kind === 'start-gate')
      ? ['its start gate does not answer peers (journalctl -u etcd-gate)']
      : []),
    ...restoredRemark(observed),
    ...formerRemarks(observed),
    ...new Set(notes),
  ];
}

/** A version given later is told and not switched to. */
function newerVersion({ workload }: Observed): readonly string[] {
  const offered = workload.resource.known ? workload.resource.value : null;
  if (
    offered?.version === undefined ||
    offered.version === null ||
    workload.current === null ||
    offered.problem !== null
  )
    return [];
  const order = compareVersions(offered.version, workload.current);
  return order === 0 ? [] : [`the etcd resource has ${offered.version}, ${workload.current} stays in use`];
}

function certificateRemarks(observed: Observed): readonly string[] {
  const { answer } = observed.certificateAuthority;
  const offered = answer.known ? answer.value?.ca : null;
  const other = offered && observed.tls.ca !== null && offered.fingerprint !== observed.tls.ca.fingerprint;
  const { problem } = tlsReadiness(observed);
  const expiry = expiryWarning(observed);
  return [
    ...(other ? ['the certificate authority changed; the old one stays in use'] : []),
    ...(problem === null ? [] : [problem]),
    ...(expiry === null ? [] : [expiry]),
  ];
}
