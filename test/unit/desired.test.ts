import { desiredFrom } from '../../src/domain/desired';

describe('options that make no sense are refused with what and why', () => {
  test.each([
    [{ port: 0 }, 'port is 0'],
    [{ port: 65536 }, 'port is 65536'],
    [{ management_port: -1 }, 'management_port is -1'],
    [{ port: 2380 }, 'both 2380'],
    [{ election_timeout: 499 }, 'at least 5 heartbeats (500 ms)'],
    [{ heartbeat_interval: 300 }, 'at least 5 heartbeats (1500 ms)'],
    [{ heartbeat_interval: 0 }, 'heartbeat_interval is 0'],
    [{ election_timeout: 50_001 }, 'at most 50000 ms'],
    [{ snapshot_count: 'many' }, 'snapshot_count is many'],
    [{ snapshot_count: '0' }, 'snapshot_count is 0'],
    [{ tls_cipher_suites: 'TLS_NULL' }, 'TLS_NULL'],
  ])('%j', (config, message) => {
    const { desired, problems } = desiredFrom(config);
    expect(desired).toBeNull();
    expect(problems.map((problem) => problem.message).join()).toContain(message);
  });
});

describe('options that make sense', () => {
  test.each([
    [{}, { clientPort: 2379, peerPort: 2380, heartbeatInterval: 100, electionTimeout: 1000, snapshotCount: 'auto' }],
    [{ election_timeout: 500 }, { electionTimeout: 500 }],
    [{ election_timeout: 50_000 }, { electionTimeout: 50_000 }],
    [{ snapshot_count: '5000' }, { snapshotCount: 5000 }],
    [{ channel: '3.5/stable' }, { workloadSource: { kind: 'snap', channel: '3.5/stable' } }],
    [{ channel: 'auto' }, { workloadSource: { kind: 'auto' } }],
    [
      { tls_cipher_suites: ' TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 , TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' },
      { cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'] },
    ],
    [
      { bind_to_all_interfaces: false, bind_with_insecure_http: true },
      { bindToAllInterfaces: false, bindWithInsecureHttp: true },
    ],
  ])('%j', (config, expected) => {
    expect(desiredFrom(config).desired).toMatchObject(expected);
  });

  test('empty cipher suites mean the six of the Python charm', () => {
    expect(desiredFrom({}).desired?.cipherSuites).toHaveLength(6);
  });
});
