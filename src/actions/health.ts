import type { ActionResults } from '@juju/charm-helpers-ts';
import { memberName, type UnitName } from '../domain/ids';
import type { Member, MemberStatus, Observed } from '../domain/observed';
import type { Probe } from '../domain/probe';
import { describeHeldBack } from '../domain/start-gate';
import type { HealthSection } from './health-sections';
import { formatTable, resultKey, type Column } from './table';

/** One member as the action shows it. */
export interface MemberHealth {
  readonly name: string;
  readonly unit: string;
  readonly endpoint: string;
  readonly role: 'leader' | 'follower' | 'learner' | 'unstarted' | 'unknown';
  readonly version: string;
  readonly dbSize: number | null;
  readonly raftTerm: string;
  readonly raftIndex: string;
  readonly alarms: readonly string[];
  readonly latency: number | null;
  readonly error: string;
}

/** What the action answers: results, and, where the cluster is not healthy, why not. */
export interface HealthReport {
  readonly members: readonly MemberHealth[];
  /** null for a healthy cluster. */
  readonly problem: string | null;
}

function unitOf(observed: Observed, member: Member): UnitName | null {
  const recorded = observed.peers.application.value.members.get(member.id);
  if (recorded !== undefined) return recorded;
  const { own, others } = observed.peers;
  const all = [[observed.unit.name, own.value] as const, ...others];
  return (
    all.find(([, bag]) => bag.memberId === member.id || member.peerUrls.some((one) => one === bag.peerUrl))?.[0] ?? null
  );
}

function roleOf(member: Member, status: Probe<MemberStatus> | undefined): MemberHealth['role'] {
  if (member.clientUrls.length === 0) return 'unstarted';
  if (member.learner) return 'learner';
  if (!status?.known) return 'unknown';
  return status.value.leaderId === member.id ? 'leader' : 'follower';
}

/** Alarms are told with their members; what is left of a member's errors is about itself. */
const ownErrors = (status: MemberStatus): readonly string[] =>
  status.errors.filter((line) => !/^memberID:\d+\s+alarm:/.test(line.trim()));

function memberHealth(observed: Observed, member: Member): MemberHealth {
  const { statuses, alarms } = observed.cluster;
  const probe = statuses.get(member.id);
  const status = probe?.known === true ? probe.value : null;
  const unit = unitOf(observed, member);
  const error =
    member.clientUrls.length === 0
      ? 'has not started yet'
      : probe === undefined
        ? 'was not asked'
        : probe.known
          ? ownErrors(probe.value).join('; ')
          : probe.reason;
  return {
    name: member.name || (unit === null ? member.id : memberName(unit)),
    unit: unit ?? 'unknown',
    endpoint: member.clientUrls[0] ?? member.peerUrls[0] ?? '',
    role: roleOf(member, probe),
    version: status?.version ?? '',
    dbSize: status?.dbSize ?? null,
    raftTerm: status?.raftTerm.toString() ?? '',
    raftIndex: status?.raftIndex.toString() ?? '',
    alarms: alarms.known ? alarms.value.filter(({ memberId }) => memberId === member.id).map(({ alarm }) => alarm) : [],
    latency: status === null ? null : Math.round(status.latency * 10) / 10,
    error,
  };
}

/** The health of the cluster, from what this unit sees in this moment. */
export function healthReport(observed: Observed): HealthReport {
  const { members: list, quorum, local } = observed.cluster;
  const { heldBack } = observed.gate;
  const held = heldBack === null ? null : `${observed.unit.name}: ${describeHeldBack(heldBack, observed.unit.name)}`;
  if (!list.known) {
    const why = local.known ? list.reason : local.reason;
    return { members: [], problem: held ?? `no member of the cluster answers this unit (${why})` };
  }
  const members = list.value.map((member) => memberHealth(observed, member)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const problems: string[] = held === null ? [] : [held];
  if (!quorum.known) problems.push(`it is unknown whether the cluster has quorum (${quorum.reason})`);
  else if (!quorum.value) problems.push('the cluster has no quorum');
  for (const { name, unit, error, alarms } of members) {
    const who = unit === 'unknown' ? `member ${name}` : `member ${name} of ${unit}`;
    if (error !== '') problems.push(`${who}: ${error}`);
    for (const alarm of alarms) problems.push(`${who} has the alarm ${alarm}`);
  }
  return { members, problem: problems.length === 0 ? null : problems.join('; ') };
}

const columns: readonly Column<MemberHealth>[] = [
  ['NAME', ({ name }) => name],
  ['UNIT', ({ unit }) => unit],
  ['ENDPOINT', ({ endpoint }) => endpoint],
  ['ROLE', ({ role }) => role],
  ['VERSION', ({ version }) => version],
  ['DB SIZE', ({ dbSize }) => (dbSize === null ? '' : `${(dbSize / 1024 / 1024).toFixed(2)} MiB`)],
  ['TERM', ({ raftTerm }) => raftTerm],
  ['INDEX', ({ raftIndex }) => raftIndex],
  ['ALARMS', ({ alarms }) => alarms.join(',')],
  ['LATENCY', ({ latency }) => (latency === null ? '' : `${latency} ms`)],
  ['ERROR', ({ error }) => error],
];

/** A table for people; its last line is the predecessor's `cluster is healthy`, or says why not. */
export function formatHealth({ members, problem }: HealthReport, sections: readonly HealthSection[] = []): string {
  const last = problem === null ? 'cluster is healthy' : `cluster is unhealthy: ${problem}`;
  return [
    ...(members.length === 0 ? [] : formatTable(columns, members)),
    ...sections.flatMap(({ lines }) => lines),
    last,
  ].join('\n');
}

/** The same as data: `members.etcd0.role` and so on. */
export function healthResults(report: HealthReport, sections: readonly HealthSection[] = []): ActionResults {
  const members = report.members.map((member): [string, ActionResults] => [
    resultKey(member.name),
    {
      unit: member.unit,
      endpoint: member.endpoint,
      role: member.role,
      version: member.version,
      'db-size': member.dbSize ?? '',
      'raft-term': member.raftTerm,
      'raft-index': member.raftIndex,
      alarms: member.alarms.join(','),
      'latency-ms': member.latency ?? '',
      error: member.error,
    },
  ]);
  return {
    output: formatHealth(report, sections),
    ...(members.length === 0 ? {} : { members: Object.fromEntries(members) }),
    ...Object.fromEntries(sections.flatMap(({ results }) => Object.entries(results))),
  };
}
