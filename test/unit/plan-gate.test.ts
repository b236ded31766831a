import { desiredFrom, type Desired } from '../../src/domain/desired';
import { unitName } from '../../src/domain/ids';
import type { GateFacts, Observed } from '../../src/domain/observed';
import { planGateProgram, planGateRemoval, planGateResponder, planGateSettings } from '../../src/domain/plan-gate';
import { planInstall } from '../../src/domain/plan-install';
import { unknown } from '../../src/domain/probe';
import { listeningText, renderGateSettings, type GateSettings } from '../../src/domain/start-gate';
import { aClusterMember } from './an-observed';

const options = (config: Observed['config'] = {}): Desired => desiredFrom(config).desired as Desired;
const member = aClusterMember({ size: 3 });
const withGate = (gate: Partial<GateFacts>, of = member): Observed => ({ ...of, gate: { ...of.gate, ...gate } });
const { wanted } = member.gate;

function settingsOf(observed: Observed, desired = options()): GateSettings {
  const [step] = planGateSettings(observed, desired);
  if (step?.kind !== 'write-gate-settings') throw new Error('no settings are planned');
  return step.settings;
}

/** Everything as it should be. */
function settled(): Observed {
  const settings = settingsOf(member);
  const listening = listeningText(wanted, settings);
  return withGate({ installed: wanted, settings: renderGateSettings(settings), listening });
}

test('a gate in order needs nothing', () => {
  const observed = settled();
  expect([
    ...planGateProgram(observed),
    ...planGateSettings(observed, options()),
    ...planGateResponder(observed, options()),
    ...planGateRemoval(observed),
  ]).toEqual([]);
});

test('it asks the other units where their members are, and knows the founding decision that was read back', () => {
  expect(settingsOf(member)).toEqual({
    cluster: 'm/etcd',
    unit: 'etcd/0',
    listen: null,
    port: 2382,
    decided: { generation: 1, token: 't' },
    peers: [
      { unit: 'etcd/1', address: '10.0.0.2' },
      { unit: 'etcd/2', address: '10.0.0.3' },
    ],
  });
});

test('where etcd listens on its own address alone, so does the responder', () => {
  const desired = options({ bind_to_all_interfaces: false });
  expect(settingsOf(member, desired).listen).toBe('10.0.0.1');
  const unknownAddress = { ...member, unit: { ...member.unit, peerBindAddress: unknown('not told') } };
  expect(planGateSettings(unknownAddress, desired)).toEqual([]);
});

test('an IPv6 peer is asked without brackets', () => {
  const bag = member.peers.others.get(unitName('etcd/1'));
  if (bag === undefined) throw new Error('there is no etcd/1');
  const others = new Map([[unitName('etcd/1'), { ...bag, peerUrl: 'https://[fd00::2]:2380' as typeof bag.peerUrl }]]);
  expect(settingsOf({ ...member, peers: { ...member.peers, others } }).peers).toEqual([
    { unit: 'etcd/1', address: 'fd00::2' },
  ]);
});

test('nothing is written on the strength of a decision that is not committed', () => {
  const { application } = member.peers;
  const pending = { ...member, peers: { ...member.peers, application: { ...application, pending: true } } };
  expect(planGateSettings(pending, options())).toEqual([]);
});

test('the program is in place before the unit file that runs it', () => {
  const service = { ...member.service, unitFileHash: 'older' };
  const steps = planInstall({ ...withGate({ installed: 'v1 older' }), service }, options());
  expect(steps.map(({ kind }) => kind)).toEqual(['install-gate', 'write-service-unit']);
});

test.each<[string, Partial<GateFacts>]>([
  ['it is not running', { listening: null }],
  ['it runs an older program', { listening: listeningText('v1 older', { listen: null, port: 2382 }) }],
  ['it listens elsewhere', { listening: listeningText(wanted, { listen: null, port: 9999 }) }],
])('the responder is started when %s', (_what, gate) => {
  expect(planGateResponder(withGate(gate, settled()), options()).map(({ kind }) => kind)).toEqual(['start-gate']);
});

test('the responder waits for certificates, its program and its settings', () => {
  const ready = withGate({ listening: null }, settled());
  expect(planGateResponder({ ...ready, tls: { ca: null, server: null, client: null } }, options())).toEqual([]);
  expect(planGateResponder(withGate({ installed: null }, ready), options())).toEqual([]);
  expect(planGateResponder(withGate({ settings: null }, ready), options())).toEqual([]);
});

test.each([
  ['stop', 'stopped', ['remove-gate']],
  ['remove', 'stopped', ['remove-gate']],
  ['stop', 'running', []],
  ['update-status', 'stopped', []],
] as const)('in %s with etcd %s', (kind, state, steps) => {
  const observed = settled();
  const leaving = { ...observed, event: { ...observed.event, kind }, service: { ...observed.service, state } };
  expect(planGateRemoval(leaving).map((step) => step.kind)).toEqual(steps);
});

test.each([
  [{ gate_port: 2379 }, 'port and gate_port are both 2379'],
  [{ gate_port: 2380 }, 'management_port and gate_port are both 2380'],
  [{ gate_port: 0 }, 'gate_port is 0'],
])('%j is refused', (config, words) => {
  expect(
    desiredFrom(config)
      .problems.map(({ message }) => message)
      .join(),
  ).toContain(words);
});
