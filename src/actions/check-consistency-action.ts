import type { ActionResults } from '@juju/charm-helpers-ts';
import { done, failed, type Action } from './action';
import { askHashes, type Hashes } from './ask-hashes';
import { inconsistency } from './consistency';
import { memberRefusal, quorumRefusal } from './refusals';
import { formatTable, resultKey } from './table';

function results({ revision, answers }: Hashes, last: string): ActionResults {
  const rows = answers.map(({ member, answer }) => ({
    member,
    hash: 'problem' in answer ? '' : String(answer.hash),
    compactRevision: 'problem' in answer ? '' : answer.compactRevision.toString(),
    error: 'problem' in answer ? answer.problem : '',
  }));
  const table = formatTable(
    [
      ['UNIT', (row) => row.member],
      ['HASH', (row) => row.hash],
      ['COMPACT REVISION', (row) => row.compactRevision],
      ['ERROR', (row) => row.error],
    ],
    rows,
  );
  return {
    output: [...table, last].join('\n'),
    revision: revision.toString(),
    members: Object.fromEntries(
      rows.map(({ member, hash, compactRevision, error }) => [
        resultKey(member),
        { hash, 'compact-revision': compactRevision, error },
      ]),
    ),
  };
}

/** `check-consistency`: whether all voters hold the same keys and history. */
export const action: Action = async (call) => {
  const observed = await call.observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  await call.progress('asking every voter for the hash of its keys: a scan of all of them');
  const hashes = await askHashes(call);
  const problem = inconsistency(hashes.verdict);
  const count = hashes.answers.length;
  const last = problem ?? `all ${count} voters are equal at revision ${hashes.revision}`;
  return problem === null ? done(results(hashes, last)) : failed(problem, results(hashes, last));
};
