import type { KvHash } from '../ports/etcd-api';

/** What one member answered when it was asked for the hash of its keys. */
export interface HashAnswer {
  /** As the operator calls it. */
  readonly member: string;
  /** The hash, or why there is none. */
  readonly answer: KvHash | { readonly problem: string };
}

/** What can be said of the answers. */
export type Verdict =
  | { readonly kind: 'equal'; readonly silent: readonly string[] }
  /** Compaction moved between the answers: they say nothing yet. */
  | { readonly kind: 'incomparable' }
  /** `wrong` is null where no majority tells which of them is right. */
  | { readonly kind: 'different'; readonly wrong: readonly string[] | null; readonly silent: readonly string[] };

const hashed = (answers: readonly HashAnswer[]): readonly { readonly member: string; readonly hash: KvHash }[] =>
  answers.flatMap(({ member, answer }) => ('problem' in answer ? [] : [{ member, hash: answer }]));

/** Judges hashes of one revision: only those of the same compact revision can be compared. */
export function judge(answers: readonly HashAnswer[]): Verdict {
  const given = hashed(answers);
  const silent = answers.flatMap(({ member, answer }) =>
    'problem' in answer ? [`${member} (${answer.problem})`] : [],
  );
  if (new Set(given.map(({ hash }) => hash.compactRevision)).size > 1) return { kind: 'incomparable' };
  const groups = new Map<number, string[]>();
  for (const { member, hash } of given) groups.set(hash.hash, [...(groups.get(hash.hash) ?? []), member]);
  if (groups.size <= 1) return { kind: 'equal', silent };
  // Of all members, silent ones too: what the rest holds may be what they do not.
  const majority = [...groups.values()].find((group) => group.length * 2 > answers.length);
  const wrong =
    majority === undefined ? null : given.map(({ member }) => member).filter((one) => !majority.includes(one));
  return { kind: 'different', wrong, silent };
}

/** Judges hashes of the newest revision, which say something only where nothing was written between: all are of `revision`. */
export const judgeNewest = (answers: readonly HashAnswer[], revision: bigint): Verdict =>
  hashed(answers).every(({ hash }) => hash.revision === revision) ? judge(answers) : { kind: 'incomparable' };

/** Why the members cannot be called consistent, with what to do; null where they can. */
export function inconsistency(verdict: Verdict): string | null {
  if (verdict.kind === 'incomparable') {
    return 'The history was compacted or written between any two answers: run the action again when less is written.';
  }
  if (verdict.kind === 'equal') {
    return verdict.silent.length === 0
      ? null
      : `Not every member answered: ${verdict.silent.join('; ')}. Those that did are equal; start the others, then run the action again.`;
  }
  if (verdict.wrong === null) {
    return 'The members differ, and no majority tells which is right: write nothing more, save the data of each unit (/var/lib/etcd/data), and restore a backup that was verified.';
  }
  const units = verdict.wrong;
  return (
    `${units.join(', ')} ${units.length === 1 ? 'differs' : 'differ'} from the majority: take a snapshot on another unit, then replace ` +
    `${units.length === 1 ? 'it' : 'them one at a time'} (juju remove-unit ${units[0] ?? ''}, then juju add-unit).`
  );
}
