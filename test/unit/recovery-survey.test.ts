import { desiredFrom, type Desired } from '../../src/domain/desired';
import { seekQuorum } from '../../src/domain/plan-recovery';
import { known } from '../../src/domain/probe';
import { isLeftToSurvey } from '../../src/domain/recreating';
import type { Acknowledgement, RecreationPhase } from '../../src/domain/recreation';
import { recovering } from './a-recovery';
import { given, inCluster, listSilent, noAnswer, withApplication, withOwnBag, type Change } from './a-situation';
import { says } from './an-acknowledgement';

describe('members that do not answer at once', () => {
  const surveying = (phase: RecreationPhase, surveyed: string | null, said: Partial<Acknowledgement> | null) => {
    const one = recovering(phase);
    const observed = given(
      inCluster(3),
      withApplication({ recreation: one }),
      withOwnBag({ recreation: said === null ? null : says(one, said) }),
    );
    return { peers: observed.peers, memory: { ...observed.memory, surveyed: surveyed ?? one.token } };
  };
  test.each([
    ['are left to the survey, which asks them for longer', 'survey', 'another', null, true, true],
    ['are waited for to see whom the survey found', 'survey', null, null, false, false],
    ['are not waited for again by a unit that told that it found none', 'survey', null, {}, false, true],
    ['are once more by who may begin to stop them', 'survey', null, {}, true, false],
    ['are not while they are stopped, by anybody', 'stop', null, {}, true, true],
    ['are in the new cluster', 'join', null, {}, false, false],
    ['are where the survey found a majority', 'survey', null, { quorum: true }, false, false],
    ['are where something else kept the unit from looking', 'survey', null, { problem: 'foreign data' }, false, false],
    ['are where it found none in another attempt', 'survey', null, { token: 'before' }, false, false],
  ] as const)('%s', (_, phase, surveyed, said, mayLead, expected) => {
    const { peers, memory } = surveying(phase, surveyed, said);
    expect(isLeftToSurvey(peers, memory, mayLead)).toBe(expected);
  });
});

describe('a survey that found nobody who answers a read', () => {
  const looked: Change = (observed) => {
    const one = recovering('survey');
    const next = withApplication({ recreation: one })(observed);
    return { ...next, memory: { ...next.memory, surveyed: one.token } };
  };
  const leaderless: Change = (observed) => {
    const { local } = observed.cluster;
    const value = local.known ? known({ ...local.value, leaderId: null }) : local;
    return { ...observed, cluster: { ...observed.cluster, local: value } };
  };
  test.each([
    ['has not found that there is no majority where the own member has a leader', [listSilent], 'problem'],
    ['has where it has none', [listSilent, leaderless], 'done'],
    ['has where it does not answer', [noAnswer], 'done'],
  ] as const)('%s', (_, changes, part) => {
    const observed = given(inCluster(3), looked, ...changes);
    const { desired } = desiredFrom(observed.config);
    expect(seekQuorum(observed, desired as Desired, recovering('survey')).part).toBe(part);
  });
});
