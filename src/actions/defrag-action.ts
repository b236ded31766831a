import type { ActionResults } from '@juju/charm-helpers-ts';
import type { MemberId } from '../domain/ids';
import { callMember, clusterLeader, healthyVoterUrls, isHealthy } from '../domain/member';
import type { Member, Observed } from '../domain/observed';
import { during } from '../execute/execute-maintenance';
import { done, failed, type Action, type ActionCall, type ActionOutcome } from './action';
import { gapOf, nextDefragmentation, toDefragment } from './defragmentation';
import { memberRefusal, membersOf, quorumRefusal } from './refusals';
import { formatBytes, formatTable, resultKey } from './table';
import { takeTurn } from './turn';

const purpose = 'defragment';
/** How long a member may need to answer again, and how long a cluster to be whole again before the next one, milliseconds. */
const patienceMs = 40_000;
/** The same before anything was done: the operator waits for the answer. */
const firstPatienceMs = 5000;
const lookEveryMs = 200;
const tellEveryMs = 10_000;
/** Slower than any disk that etcd runs well on, bytes a millisecond. */
const slowest = 5000;

/** One member that was done. */
interface Defragmented {
  readonly unit: string;
  readonly before: number;
  readonly after: number;
  readonly ms: number;
}

const sizeOf = ({ cluster }: Observed, { id }: Member): { readonly size: number; readonly used: number } => {
  const status = cluster.statuses.get(id);
  return status?.known === true ? { size: status.value.dbSize, used: status.value.dbSizeInUse } : { size: 0, used: 0 };
};

function results(all: readonly Defragmented[], gap: string | null): ActionResults {
  if (all.length === 0) return {};
  const table = formatTable<Defragmented>(
    [
      ['UNIT', ({ unit }) => unit],
      ['BEFORE', ({ before }) => formatBytes(before)],
      ['AFTER', ({ after }) => formatBytes(after)],
      ['SECONDS', ({ ms }) => (ms / 1000).toFixed(1)],
    ],
    all,
  );
  return {
    output: [...table, ...(gap === null ? [] : [`note: ${gap}`])].join('\n'),
    members: Object.fromEntries(
      all.map(({ unit, before, after, ms }) => [
        resultKey(unit),
        { unit, 'size-before': before, 'size-after': after, seconds: (ms / 1000).toFixed(1) },
      ]),
    ),
    ...(gap === null ? {} : { gap }),
  };
}

/** `defrag`: gives the space of this unit's database back, or that of all, one at a time, the etcd leader last. */
export const action: Action = async (call) => {
  const all = call.parameters.flag('cluster');
  const observed = await call.observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const gap = gapOf(observed);
  if (gap !== null) await call.progress(gap);
  const pending = new Set(toDefragment(observed, all));
  const finished: Defragmented[] = [];
  const stopped = (why: string): ActionOutcome => {
    const so = finished.length === 0 ? 'nothing was changed' : `${finished.map(({ unit }) => unit).join(', ')} done`;
    return failed(
      `${why}; ${so}, ${pending.size} left. Look at health, then run the action again.`,
      results(finished, gap),
    );
  };
  while (pending.size > 0) {
    const turn = await takeTurn(call, purpose);
    if ('refusal' in turn) return failed(turn.refusal, results(finished, gap));
    try {
      const result = await nextInTurn(call, pending, turn.lease, finished.length === 0 ? firstPatienceMs : patienceMs);
      if ('why' in result) return stopped(result.why);
      finished.push(result);
    } finally {
      if (turn.lease !== null) await call.perform({ kind: 'release-turn' }).catch(() => undefined);
    }
  }
  return done(results(finished, gap));
};

/** The next member, as soon as it may be: after it the cluster is whole again, or `why` says what is not. */
async function nextInTurn(
  call: ActionCall,
  pending: Set<MemberId>,
  lease: string | null,
  patience: number,
): Promise<Defragmented | { readonly why: string }> {
  const { clock } = call.execution;
  const deadline = clock.monotonic() + patience;
  for (let observed = await call.lookAgain(); ; observed = await call.lookAgain()) {
    const next = nextDefragmentation(observed, pending);
    switch (next.kind) {
      case 'nothing':
        return { why: 'The members that are left are no more in the cluster' };
      case 'defragment':
        return defragment(call, observed, next.member, pending, lease);
      case 'move-leadership': {
        const [from, to] = [next.from, next.to];
        await call.progress(`moving leadership from ${callMember(observed, from)} to ${callMember(observed, to)}`);
        await call.perform({ kind: 'move-leadership', from: from.id, to: to.id, via: healthyVoterUrls(observed) });
        break;
      }
      case 'wait':
        if (clock.monotonic() >= deadline) return { why: `Not possible now: ${next.why}` };
        await clock.sleep(lookEveryMs);
    }
  }
}

async function defragment(
  call: ActionCall,
  observed: Observed,
  member: Member,
  pending: Set<MemberId>,
  lease: string | null,
): Promise<Defragmented | { readonly why: string }> {
  const { clock } = call.execution;
  const unit = callMember(observed, member);
  const [endpoint] = member.clientUrls;
  if (endpoint === undefined) return { why: `${unit} has no address` };
  const { size, used } = sizeOf(observed, member);
  await call.progress(`${unit}: defragmenting ${formatBytes(size)}, ${formatBytes(used)} in use`);
  const began = clock.monotonic();
  const seconds = (): number => Math.round((clock.monotonic() - began) / 1000);
  const step = {
    kind: 'defragment',
    memberId: member.id,
    endpoint,
    lease,
    via: healthyVoterUrls(observed, member.id),
    timeoutMs: Math.round(600_000 + size / slowest),
  } as const;
  const working = call.perform(step).then(() => undefined);
  await during(working, clock, tellEveryMs, () => call.progress(`${unit}: still defragmenting after ${seconds()} s`));
  const ms = clock.monotonic() - began;
  pending.delete(member.id);
  const after = await caughtUp(call, member);
  if (after === null) return { why: `${unit} was defragmented, and did not catch up within ${patienceMs / 1000} s` };
  const now = sizeOf(after, member).size;
  await call.progress(`${unit}: ${formatBytes(size)} -> ${formatBytes(now)} in ${(ms / 1000).toFixed(1)} s`);
  return { unit, before: size, after: now, ms };
}

/** What is seen once the member has all that the others had when it was done; null when time is over. */
async function caughtUp({ lookAgain, execution: { clock } }: ActionCall, member: Member): Promise<Observed | null> {
  const deadline = clock.monotonic() + patienceMs;
  let goal: bigint | null = null;
  for (let observed = await lookAgain(); ; observed = await lookAgain()) {
    const applied = membersOf(observed).flatMap(({ id }) => {
      const status = observed.cluster.statuses.get(id);
      return status?.known === true ? [{ id, index: status.value.raftAppliedIndex }] : [];
    });
    goal ??= applied.reduce((most, { index }) => (index > most ? index : most), 0n);
    const own = applied.find(({ id }) => id === member.id)?.index ?? -1n;
    if (isHealthy(observed, member.id) && clusterLeader(observed) !== null && own >= goal) return observed;
    if (clock.monotonic() >= deadline) return null;
    await clock.sleep(lookEveryMs);
  }
}
