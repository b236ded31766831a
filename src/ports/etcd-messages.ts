import type { Alarm, Member, MemberStatus, TurnHolder } from '../domain/observed';
import { clusterId, etcdVersion, memberId, unitName, url, type MemberId, type UnitName } from '../domain/ids';

/** Reading the gateway's JSON: proto3 leaves zero values out, so a missing number is 0 and a missing list is empty. */
type Json = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const decimal = (value: unknown): string =>
  typeof value === 'string' && /^\d+$/.test(value) ? value : typeof value === 'number' ? String(value) : '0';
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

export const toBase64 = (value: string): string => Buffer.from(value, 'utf8').toString('base64');
export const fromBase64 = (value: unknown): string => Buffer.from(text(value), 'base64').toString('utf8');

/** A member id as the gateway wants it: decimal uint64 text. */
export const decimalId = (id: MemberId): string => BigInt(`0x${id}`).toString();

const headerRevision = (answer: Json): bigint => BigInt(decimal(object(answer['header'])['revision']));

/** The newest revision as the header of any answer has it. */
export const readRevision = (answer: Json): bigint => headerRevision(answer);

/** Seconds that a lease has left after a keep-alive (`etcdserverpb.LeaseKeepAliveResponse`, one of a stream); 0 where it is over. */
export const readLeaseTtl = (answer: Json): number => Number(decimal(object(answer['result'])['TTL']));

/** `etcdserverpb.StatusResponse`. */
export function readStatus(answer: Json, latency: number): MemberStatus {
  const header = object(answer['header']);
  const leader = decimal(answer['leader']);
  return {
    memberId: memberId(decimal(header['member_id'])),
    clusterId: clusterId(decimal(header['cluster_id'])),
    leaderId: leader === '0' ? null : memberId(leader),
    version: etcdVersion(text(answer['version'])),
    dbSize: Number(decimal(answer['dbSize'])),
    dbSizeInUse: Number(decimal(answer['dbSizeInUse'])),
    ...(answer['dbSizeQuota'] === undefined ? {} : { dbSizeQuota: Number(decimal(answer['dbSizeQuota'])) }),
    raftTerm: BigInt(decimal(answer['raftTerm'])),
    raftIndex: BigInt(decimal(answer['raftIndex'])),
    raftAppliedIndex: BigInt(decimal(answer['raftAppliedIndex'])),
    revision: headerRevision(answer),
    learner: answer['isLearner'] === true,
    errors: list(answer['errors']).map(text),
    latency,
  };
}

/** `etcdserverpb.MemberListResponse` and the `members` of add, remove, update and promote. */
export function readMembers(answer: Json): readonly Member[] {
  return list(answer['members']).map((entry) => {
    const member = object(entry);
    return {
      id: memberId(decimal(member['ID'])),
      name: text(member['name']),
      peerUrls: list(member['peerURLs']).map((value) => url(text(value))),
      clientUrls: list(member['clientURLs']).map((value) => url(text(value))),
      learner: member['isLearner'] === true,
    };
  });
}

/**
 * Alarms as a member's status prints them (`memberID:123 alarm:NOSPACE `; from 3.7 on with a random number of spaces between). An `AlarmRequest` would give the same, but each one is
 * a raft entry: asking in every hook would write to every disk.
 */
export function readAlarms(errors: readonly string[]): readonly Alarm[] {
  return errors.flatMap((line) => {
    const match = /^memberID:(\d+)\s+alarm:(NOSPACE|CORRUPT)/.exec(line.trim());
    const [, id, alarm] = match ?? [];
    return id === undefined ? [] : [{ memberId: memberId(id), alarm: alarm as Alarm['alarm'] }];
  });
}

/** What the turn's key holds: `{"unit":"etcd/0","purpose":"restart"}`. */
export const turnValue = (unit: UnitName, purpose: string): string => JSON.stringify({ unit, purpose });

/** The holder in the turn's value, with its lease in decimal. What somebody else wrote there is taken by an unknown holder, never free. */
export function readTurnValue(value: string, lease: string): TurnHolder {
  let holder: Json = {};
  try {
    holder = object(JSON.parse(value));
  } catch {
    // Not ours: see above.
  }
  return {
    unit: unitName(text(holder['unit']) || 'unknown/0'),
    lease: BigInt(lease).toString(16),
    purpose: text(holder['purpose']),
  };
}

/** The first key of an `etcdserverpb.RangeResponse`, read as the turn; null when the key is not there. */
export function readTurn(answer: Json): TurnHolder | null {
  const pair = list(answer['kvs'])[0];
  if (pair === undefined) return null;
  const { lease, value } = object(pair);
  return readTurnValue(fromBase64(value), decimal(lease));
}
