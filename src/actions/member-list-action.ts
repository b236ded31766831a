import type { ActionResults } from '@juju/charm-helpers-ts';
import { memberName, type UnitName } from '../domain/ids';
import { clusterLeader, hasStarted, unitOfMember } from '../domain/member';
import type { Member, Observed } from '../domain/observed';
import { done, failed, type Action } from './action';
import { memberRefusal, membersOf } from './refusals';
import { formatTable, resultKey, type Column } from './table';

interface Row {
  readonly member: Member;
  readonly unit: UnitName | null;
  readonly name: string;
  readonly leads: boolean;
}

const columns: readonly Column<Row>[] = [
  ['ID', ({ member }) => member.id],
  ['STATUS', ({ member }) => (hasStarted(member) ? 'started' : 'unstarted')],
  ['NAME', ({ name }) => name],
  ['UNIT', ({ unit }) => unit ?? 'unknown'],
  ['PEER ADDRS', ({ member }) => member.peerUrls.join(',')],
  ['CLIENT ADDRS', ({ member }) => member.clientUrls.join(',')],
  ['ROLE', ({ member, leads }) => (member.learner ? 'learner' : leads ? 'leader' : 'voter')],
];

/** A member that has not started has neither a name nor client URLs: it is told by its unit. */
function rowsOf(observed: Observed): readonly Row[] {
  const leader = clusterLeader(observed);
  return membersOf(observed)
    .map((member): Row => {
      const unit = unitOfMember(observed, member);
      const name = member.name || (unit === null ? '' : memberName(unit));
      return { member, unit, name, leads: member.id === leader };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** For people. */
export const formatMemberList = (observed: Observed): string => formatTable(columns, rowsOf(observed)).join('\n');

/** The same also as data: `members.etcd0.unit` and so on. */
export function memberListResults(observed: Observed): ActionResults {
  const rows = rowsOf(observed);
  const members = rows.map((row): [string, ActionResults] => [
    resultKey(row.name || row.member.id),
    {
      id: row.member.id,
      unit: row.unit ?? 'unknown',
      started: hasStarted(row.member),
      'peer-urls': row.member.peerUrls.join(','),
      'client-urls': row.member.clientUrls.join(','),
      learner: row.member.learner,
      leader: row.leads,
    },
  ]);
  return {
    output: formatMemberList(observed),
    count: rows.length,
    members: Object.fromEntries(members),
  };
}

/** `member-list`: as etcd has it, with the unit of each. */
export const action: Action = async ({ observe }) => {
  const observed = await observe();
  const refusal = memberRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const { members } = observed.cluster;
  if (!members.known)
    return failed(`No voter tells the member list (${members.reason}): run the action on another unit.`);
  return done(memberListResults(observed));
};
