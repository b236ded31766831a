import { parse } from 'yaml';
import { desiredFrom } from '../../src/domain/desired';
import { etcdConfigFor } from '../../src/domain/etcd-config';
import { etcdVersion, url } from '../../src/domain/ids';
import { renderEtcdConfig } from '../../src/domain/render-etcd-config';
import { known } from '../../src/domain/probe';
import { anObserved } from './an-observed';

function rendered(
  version: string,
  config: Record<string, string | number | boolean> = {},
  token = 't0',
): Record<string, unknown> {
  const observed = anObserved();
  const { desired } = desiredFrom(config);
  if (desired === null) throw new Error('these options are refused');
  const etcd = etcdConfigFor(
    { ...observed, workload: { ...observed.workload, current: etcdVersion(version) } },
    desired,
    { state: 'new', token, initial: [{ name: 'etcd0', peerUrl: url('https://10.0.0.1:2380') }] },
  );
  if (etcd === null) throw new Error('nothing to render');
  return parse(renderEtcdConfig(etcd)) as Record<string, unknown>;
}

const everywhere = ['3.4.23', '3.5.16', '3.6.4', '3.7.0'];

describe.each(everywhere)('for etcd %s', (version) => {
  test('TLS is required from clients and peers', () => {
    for (const side of ['client-transport-security', 'peer-transport-security']) {
      expect(rendered(version)[side]).toMatchObject({
        'client-cert-auth': true,
        'trusted-ca-file': '/ca',
        'auto-tls': false,
      });
    }
  });

  test('what the charm itself needs', () => {
    expect(rendered(version)).toMatchObject({
      name: 'etcd0',
      'enable-grpc-gateway': true,
      'strict-reconfig-check': true,
      'listen-client-urls': 'https://0.0.0.0:2379',
      'advertise-client-urls': 'https://10.0.0.1:2379',
      'initial-cluster': 'etcd0=https://10.0.0.1:2380',
      'initial-cluster-state': 'new',
    });
  });

  test.each(['123456', 'true', '1e5', 'a: b', "it's", 'null'])('the token %s stays text', (token) => {
    expect(rendered(version, {}, token)['initial-cluster-token']).toBe(token);
  });

  test('snapshot_count auto is etcd’s own default', () => {
    expect(rendered(version)).not.toHaveProperty('snapshot-count');
    expect(rendered(version, { snapshot_count: '5000' })['snapshot-count']).toBe(5000);
  });

  test('nothing that went with the second API or before', () => {
    for (const key of ['enable-v2', 'proxy', 'debug', 'force-new-cluster', 'discovery', 'enable-pprof'])
      expect(rendered(version)).not.toHaveProperty(key);
  });
});

// https://etcd.io/docs: compact hash checks came with 3.5, feature gates with 3.6, and 3.7 knows no experimental key.
test.each([
  ['3.4.23', ['experimental-initial-corrupt-check'], ['experimental-compact-hash-check-enabled', 'feature-gates']],
  ['3.5.16', ['experimental-initial-corrupt-check', 'experimental-compact-hash-check-enabled'], ['feature-gates']],
  ['3.6.4', ['feature-gates'], ['experimental-initial-corrupt-check', 'experimental-compact-hash-check-enabled']],
  ['3.7.0', ['feature-gates'], ['experimental-initial-corrupt-check', 'experimental-compact-hash-check-enabled']],
])('corruption checks of %s', (version, present, absent) => {
  const config = rendered(version);
  for (const key of present) expect(config).toHaveProperty(key);
  for (const key of absent) expect(config).not.toHaveProperty(key);
});

test('bound to one interface, IPv6 in brackets, plain HTTP on loopback alone', () => {
  const observed = anObserved();
  const { desired } = desiredFrom({ bind_to_all_interfaces: false, bind_with_insecure_http: true });
  if (desired === null) throw new Error('these options are refused');
  const six = known('fd00::1');
  const etcd = etcdConfigFor(
    {
      ...observed,
      unit: { ...observed.unit, peerAddress: six, clientAddress: six, peerBindAddress: six, clientBindAddress: six },
      workload: { ...observed.workload, current: etcdVersion('3.5.16') },
    },
    desired,
    { state: 'existing', token: 't', initial: [] },
  );
  expect(etcd?.listenClientUrls).toEqual(['http://127.0.0.1:4001', 'https://[fd00::1]:2379']);
  expect(etcd?.listenPeerUrls).toEqual(['https://[fd00::1]:2380']);
});
