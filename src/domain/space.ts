import { defaultTarget } from './backup-wish';
import type { Desired } from './desired';
import type { DataMarker, Observed } from './observed';
import type { Probe } from './probe';

/** What of this unit's disk only operators free: none of it is ever removed by itself but old logs and, by their ladder, backups. */
export interface SpaceFacts {
  /** Data directories that were moved aside, oldest first. */
  readonly aside: Probe<readonly AsideData[]>;
  /** Bytes below the default directory for snapshots. What is in another of the schedule is known by the schedule. */
  readonly snapshots: Probe<number>;
  /** Bytes of the charm's logs. */
  readonly logs: Probe<number>;
}

export interface AsideData {
  /** Below /var/lib/etcd/aside. */
  readonly name: string;
  readonly bytes: number;
  /** Of the cluster that they were data of; null where nothing tells. */
  readonly generation: number | null;
  /** What was read of them before they were moved; null where nothing was. */
  readonly measured?: Pick<DataMarker, 'lastRevision' | 'logEnd'> | null;
}

/** One thing that is counted. */
export interface SpaceUse {
  readonly what: 'moved-aside data' | 'snapshots' | 'logs';
  /** Config option of its limit. */
  readonly option: 'aside-limit' | 'snapshot-limit' | 'log-limit';
  /** null where it could not be counted. */
  readonly bytes: number | null;
  /** null for no limit. */
  readonly limit: number | null;
}

export const asideBytes = (aside: readonly AsideData[]): number => aside.reduce((sum, { bytes }) => sum + bytes, 0);

/** What is counted on this unit, with its limits. */
export function spaceUses({ space, backup }: Observed, { limits, backups }: Desired): readonly SpaceUse[] {
  const { stored } = backup.state;
  // Another directory may be on another machine, which no hook waits for.
  const elsewhere =
    backups === null || backups.target === defaultTarget || stored?.target !== backups.target ? 0 : stored.bytes;
  const { aside, snapshots, logs } = space;
  return [
    {
      what: 'moved-aside data',
      option: 'aside-limit',
      bytes: aside.known ? asideBytes(aside.value) : null,
      limit: limits.aside,
    },
    {
      what: 'snapshots',
      option: 'snapshot-limit',
      bytes: snapshots.known ? snapshots.value + elsewhere : null,
      limit: limits.snapshots,
    },
    { what: 'logs', option: 'log-limit', bytes: logs.known ? logs.value : null, limit: limits.logs },
  ];
}

const isOver = ({ bytes, limit }: SpaceUse): boolean => bytes !== null && limit !== null && bytes > limit;

const cures: Readonly<Record<SpaceUse['option'], string>> = {
  'aside-limit': 'look at the action prune-aside',
  'snapshot-limit': 'look at the actions list-backups and prune-backups',
  'log-limit': 'look at /var/log/etcd-charm',
};

/** What is over its limit, each in words that stay the same while it is. */
export const spaceWarnings = (observed: Observed, desired: Desired): readonly string[] =>
  spaceUses(observed, desired)
    .filter(isOver)
    .map(({ what, option }) => `${what} take more than ${option}: ${cures[option]}`);

/** Why the charm may not by itself move data aside to replace them (rule 6); null where it may. Unknown is not over: nothing is lost by a move. */
export function replacementRefusal(observed: Observed, desired: Desired): string | null {
  const over = spaceUses(observed, desired).some((use) => use.option === 'aside-limit' && isOver(use));
  return over
    ? 'Moved-aside data take more than aside-limit, so this unit does not replace its member: run the action prune-aside, or raise aside-limit'
    : null;
}
