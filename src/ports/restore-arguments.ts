import type { Url } from '../domain/ids';
import { revisionBump, type Recreation } from '../domain/recreation';

/** What `snapshot restore` of etcdutl, or of etcdctl before there was one, is called with (etcd-operations.md 2.3). */
export function restoreArguments({
  db,
  hasHash,
  recreation,
  name,
  peerUrl,
  target,
}: {
  readonly db: string;
  readonly hasHash: boolean;
  readonly recreation: Pick<Recreation, 'token' | 'bump'>;
  readonly name: string;
  readonly peerUrl: Url;
  readonly target: string;
}): readonly string[] {
  return [
    'snapshot',
    'restore',
    db,
    `--name=${name}`,
    `--data-dir=${target}`,
    `--initial-cluster=${name}=${peerUrl}`,
    `--initial-cluster-token=${recreation.token}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    // Without a hash at its end there is nothing to compare with; its sha256 was read just before.
    ...(hasHash ? [] : ['--skip-hash-check']),
    ...(recreation.bump ? [`--bump-revision=${revisionBump}`, '--mark-compacted'] : []),
  ];
}
