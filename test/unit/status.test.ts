import { desiredFrom, type Desired } from '../../src/domain/desired';
import { generation, unitName } from '../../src/domain/ids';
import type { Observed } from '../../src/domain/observed';
import { planGateSettings } from '../../src/domain/plan-gate';
import { known, unknown } from '../../src/domain/probe';
import { renderGateSettings } from '../../src/domain/start-gate';
import { statusOf } from '../../src/domain/status';
import { aClusterMember, aMember, anObserved, anOffer, id } from './an-observed';

const gate = anObserved().gate;
const heldBack: Partial<Observed> = {
  gate: { ...gate, heldBack: { by: unitName('etcd/1'), generation: generation(2), own: generation(1) } },
  service: { ...anObserved().service, state: 'starting' },
};

/** Everything of the gate is in place, and nothing listens. */
function silentGate(): Partial<Observed> {
  const member = aClusterMember({ size: 3 });
  const [step] = planGateSettings(member, desiredFrom({}).desired as Desired);
  if (step?.kind !== 'write-gate-settings') throw new Error('nothing is planned for the gate');
  return { gate: { ...gate, installed: gate.wanted, settings: renderGateSettings(step.settings) } };
}

describe('a member of a cluster', () => {
  test.each([
    ['all answer', aClusterMember({ size: 3 }), 'active', /^cluster is healthy \(3 of 3 members\)/],
    ['alone', aClusterMember({ size: 1 }), 'active', /^cluster is healthy \(1 of 1 members\)/],
    [
      'one is down and quorum holds',
      aClusterMember({ size: 3, silent: [1] }),
      'active',
      /^cluster-health check failed\.\.\. needs attention: 2 of 3 members healthy; etcd\/1 does not answer/,
    ],
    [
      'quorum is lost',
      aClusterMember({ size: 3, silent: [1, 2], quorum: known(false) }),
      'blocked',
      /^cluster-health check failed\.\.\. needs attention: no quorum, .*etcd\/1.*etcd\/2/,
    ],
    [
      'quorum is unknown',
      aClusterMember({ size: 3, quorum: unknown('timeout') }),
      'blocked',
      /^cluster-health check failed\.\.\. needs attention: .*quorum unknown/,
    ],
    [
      'a resource of another architecture was attached',
      withResource({ problem: 'is for another architecture: arm64' }),
      'blocked',
      /another architecture/,
    ],
    [
      'a newer resource was attached',
      withResource({ version: '3.6.4' }),
      'active',
      /^cluster is healthy .*the etcd resource has 3\.6\.4, 3\.5\.16 stays/,
    ],
    [
      'the start gate holds etcd back',
      aClusterMember({ size: 3, silent: [0] }, heldBack),
      'blocked',
      /^etcd is held back: etcd\/1 knows generation 2 of the cluster, and the data here are of generation 1/,
    ],
    [
      'the start gate answers nobody',
      aClusterMember({ size: 3 }, silentGate()),
      'active',
      /^cluster is healthy .*its start gate does not answer peers \(journalctl -u etcd-gate\)/,
    ],
    ['options make no sense', { ...aClusterMember({ size: 3 }), config: { port: 0 } }, 'blocked', /^port is 0/],
    [
      'a member of unknown origin',
      aClusterMember({ size: 1, members: [aMember(0), aMember(7)] }),
      'active',
      /unknown member etcd7/,
    ],
    [
      'an alarm',
      withCluster({ alarms: known([{ memberId: id(2), alarm: 'NOSPACE' }]) }),
      'active',
      /^cluster-health check failed\.\.\. needs attention: .*NOSPACE on etcd\/1/,
    ],
  ] as const)('%s', (_what, observed, word, message) => {
    const status = statusOf(observed);
    expect(status.word).toBe(word);
    expect(status.message).toMatch(message);
  });
});

function withResource(changes: { problem?: string; version?: string }) {
  const observed = aClusterMember({ size: 3 });
  return { ...observed, workload: { ...observed.workload, resource: known(anOffer(changes as never)) } };
}

function withCluster(changes: Partial<ReturnType<typeof aClusterMember>['cluster']>) {
  const observed = aClusterMember({ size: 3 });
  return { ...observed, cluster: { ...observed.cluster, ...changes } };
}

describe('before this unit votes', () => {
  const fresh = anObserved();
  const installed = { ...fresh, workload: { ...fresh.workload, current: '3.5.16' as never } };
  test.each([
    [
      'no certificate authority',
      { ...installed, certificateAuthority: { ...fresh.certificateAuthority, relationId: null } },
      'blocked',
      'Missing relation to certificate authority.',
    ],
    ['installing', fresh, 'maintenance', 'Installing etcd.'],
    [
      'data of the Python charm',
      { ...fresh, workload: { ...fresh.workload, predecessorData: true } },
      'blocked',
      '/var/snap/etcd',
    ],
    [
      'nothing to install',
      { ...fresh, workload: { ...fresh.workload, apt: known(null) } },
      'blocked',
      'juju attach-resource etcd etcd=',
    ],
    [
      'leaving',
      {
        ...fresh,
        peers: {
          ...fresh.peers,
          planned: known([
            { unit: unitName('etcd/0'), dying: true },
            { unit: unitName('etcd/1'), dying: false },
          ]),
        },
      },
      'maintenance',
      'Leaving the cluster',
    ],
  ] as const)('%s', (_what, observed, word, message) => {
    const status = statusOf(observed);
    expect(status.word).toBe(word);
    expect(status.message).toContain(message);
  });
});
