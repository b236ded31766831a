import type { BackupFacts } from '../domain/backup-schedule';
import type { MirrorFacts } from '../domain/mirror';
import type { MemberStatus } from '../domain/observed';
import type { Probe } from '../domain/probe';
import type { Remains } from '../domain/remains';
import { sumFiles } from '../mirror/seed-keys';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';
import { raftTail } from '../ports/raft-tail';

export interface RemainsQuestion {
  readonly files: Files;
  readonly paths: Paths;
  /** What the own member answered. */
  readonly own: Probe<MemberStatus>;
  readonly mirror: Pick<MirrorFacts, 'wanted'>;
  readonly backup: Pick<BackupFacts, 'state'>;
}

/**
 * What is left on this unit. The log of a running member is read too: without quorum nothing is agreed on, and a record that is just
 * being written does not count yet.
 */
export async function observeRemains({ files, paths, own, mirror, backup }: RemainsQuestion): Promise<Remains> {
  const [tail, usage, sums] = await Promise.all([
    raftTail(files, paths.data).catch(() => null),
    own.known ? null : files.usage(paths.data).catch(() => null),
    sumFiles(files, paths.root, mirror.wanted ?? []).catch(() => []),
  ]);
  const { lastGood } = backup.state;
  const takenAt = lastGood === null ? NaN : Date.parse(lastGood.manifest.takenAt);
  return {
    log: tail === null ? null : { ...tail.last, commit: tail.state.commit },
    revision: own.known ? own.value.revision : null,
    size: own.known ? own.value.dbSize : usage,
    backup:
      lastGood === null || Number.isNaN(takenAt) ? null : { takenAt, revision: BigInt(lastGood.manifest.revision) },
    files: sums,
  };
}
