import { CharmError } from '../domain/errors';
import { unitName, type Url } from '../domain/ids';
import type { StepOf } from '../domain/step';
import type { Clock } from '../ports/clock';
import type { EtcdMembership, EtcdProbe } from '../ports/etcd-api';
import { done, type Execution, type StepOutcome } from './execution';

/** Tries the endpoints in order; the next one only where this one could not be asked at all. */
export async function firstAnswering<T>(
  via: readonly Url[],
  operation: string,
  ask: (endpoint: Url) => Promise<T>,
): Promise<T> {
  let last: unknown = null;
  for (const endpoint of via) {
    try {
      return await ask(endpoint);
    } catch (error) {
      // A refusal is an answer: another member would give the same.
      if (!(error instanceof CharmError) || error.code !== 'ETCD_UNAVAILABLE') throw error;
      last = error;
    }
  }
  if (last instanceof CharmError) throw last;
  throw new CharmError({
    code: 'ETCD_UNAVAILABLE',
    operation,
    message: `No member is known to ask for "${operation}".`,
    retryable: true,
  });
}

async function throughAny<T>(
  via: readonly Url[],
  execution: Execution,
  operation: string,
  change: (membership: EtcdMembership, endpoint: Url) => Promise<T>,
): Promise<T> {
  const membership = await execution.membership();
  return firstAnswering(via, operation, (endpoint) => change(membership, endpoint));
}

const seekPollMs = 200;
const statusMs = 500;

/** Waits for a majority, bounded. Who has one is seen by whoever looks afterwards; where none was found what was seen before still holds. */
export async function seekQuorum(
  step: StepOf<'seek-quorum'>,
  { clock, probe, local }: Execution,
): Promise<StepOutcome> {
  const deadline = clock.monotonic() + step.timeoutMs;
  const [asked, own] = [await probe(), await local()];
  const seek = async (endpoint: Url): Promise<void> => {
    while (!(await asked?.hasQuorum(endpoint).catch(() => false))) {
      if (clock.monotonic() >= deadline) throw new Error(`${endpoint} has no majority`);
      await clock.sleep(seekPollMs);
    }
  };
  const endpoints = [...new Set([...(own === null ? [] : [own]), ...step.others])];
  const agrees = await Promise.race([
    Promise.any(endpoints.map(seek)).then(
      () => true,
      () => false,
    ),
    // A read that hangs is not waited for beyond the time.
    clock.sleep(step.timeoutMs).then(() => false),
  ]);
  // A leader that was there, or is, is seen anew: one that was lost meanwhile is no sign of a majority.
  if (agrees || step.led || (asked !== null && own !== null && (await isLed(asked, own, clock)))) return done;
  return { outcome: 'done', instead: 'Looked for a majority that works, and found none.', unchanged: true };
}

/** Whether the member says at once that it has a leader: reads may take long, this does not. */
const isLed = (probe: EtcdProbe, endpoint: Url, clock: Clock): Promise<boolean> =>
  Promise.race([
    probe.status(endpoint).then(
      ({ leaderId }) => leaderId !== null,
      () => false,
    ),
    clock.sleep(statusMs).then(() => false),
  ]);

export async function addLearner(step: StepOf<'add-learner'>, execution: Execution): Promise<void> {
  await throughAny(step.via, execution, 'member add', (membership, endpoint) =>
    membership.addLearner(endpoint, step.peerUrl),
  );
}

const promotePollMs = 100;

export async function promoteLearner(step: StepOf<'promote-learner'>, execution: Execution): Promise<StepOutcome> {
  const { clock } = execution;
  const deadline = clock.monotonic() + step.timeoutMs;
  for (;;) {
    const promoted = await throughAny(step.via, execution, 'member promote', (membership, endpoint) =>
      membership.promote(endpoint, step.memberId),
    );
    if (promoted) return done;
    if (clock.monotonic() >= deadline) break;
    await clock.sleep(promotePollMs);
  }
  return {
    outcome: 'waiting',
    reason: `for learner ${step.memberId} to be in sync with the leader`,
    wokenBy: 'the next hook',
  };
}

export async function removeMember(step: StepOf<'remove-member'>, execution: Execution): Promise<void> {
  await throughAny(step.via, execution, 'member remove', async (membership, endpoint) => {
    if (step.onlyIfLearner) {
      // Looked at again right before: a learner that was promoted meanwhile has a vote.
      const member = (await membership.members(endpoint)).find(({ id }) => id === step.memberId);
      if (member?.learner !== true) return;
    }
    await membership.remove(endpoint, step.memberId);
  });
}

export async function moveLeadership(step: StepOf<'move-leadership'>, execution: Execution): Promise<void> {
  await throughAny(step.via, execution, 'move leadership', (membership, endpoint) =>
    membership.moveLeader(endpoint, step.to),
  );
}

export async function updatePeerUrl(step: StepOf<'update-peer-url'>, execution: Execution): Promise<void> {
  await throughAny(step.via, execution, 'member update', (membership, endpoint) =>
    membership.updatePeerUrl(endpoint, step.memberId, step.peerUrl),
  );
}

export async function takeTurn(step: StepOf<'take-turn'>, execution: Execution): Promise<StepOutcome> {
  const { context, turnKey } = execution;
  const membership = await execution.membership();
  const endpoint = await localEndpoint(execution);
  const lease = await membership.takeTurn(endpoint, turnKey, unitName(context.unit), step.purpose, step.ttlSeconds);
  if (lease !== null) return done;
  return {
    outcome: 'waiting',
    reason: `for another unit to finish its turn before: ${step.purpose}`,
    wokenBy: 'the peer that releases it',
  };
}

export async function releaseTurn(execution: Execution): Promise<void> {
  const membership = await execution.membership();
  await membership.releaseTurn(await localEndpoint(execution), execution.turnKey, unitName(execution.context.unit));
}

async function localEndpoint(execution: Execution): Promise<Url> {
  const endpoint = await execution.local();
  if (endpoint !== null) return endpoint;
  throw new CharmError({
    code: 'ETCD_UNAVAILABLE',
    operation: 'turn',
    message: 'This unit has no address yet, so its own etcd cannot be asked.',
    retryable: true,
  });
}
