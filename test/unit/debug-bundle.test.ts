import { observedFiles, withoutSecrets } from '../../src/actions/debug-bundle';
import { given, inCluster, noAnswer, silent } from './a-situation';

test('a private key is never in a bundle, whole or cut off', () => {
  const key = (body: string): string => `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;
  expect(withoutSecrets(`a\n${key('one')}\nb\n${key('two').replace(/PRIVATE/g, 'RSA PRIVATE')}\nc`)).toBe(
    'a\n[a private key was here]\nb\n[a private key was here]\nc',
  );
  expect(withoutSecrets('a\n-----BEGIN EC PRIVATE KEY-----\nhalf')).toBe('a\n[a private key was here]');
  expect(withoutSecrets('-----BEGIN CERTIFICATE-----')).toBe('-----BEGIN CERTIFICATE-----');
});

test.each([
  ['healthy', () => inCluster(3), /^cluster is healthy$/m],
  ['a member is down', () => given(inCluster(3), silent(1)), /^cluster is unhealthy: .*etcd\/1/m],
  ['nobody answers', () => given(inCluster(3), noAnswer), /^cluster is unhealthy: no member/m],
])('what a unit sees is told whatever state it is in: %s', (_, observed, health) => {
  const files = new Map(observedFiles(observed()).map(({ name, content }) => [name, content]));
  expect(files.get('health.txt')).toMatch(health);
  expect(JSON.parse(files.get('observed.json') ?? '')).toMatchObject({ unit: { name: 'etcd/0' } });
  expect(files.get('status.txt')).toMatch(/^(active|blocked): /);
});
