import { byResultKey, resultKey } from '../../src/actions/table';

test.each([
  ['etcd/0', 'etcd-0'],
  ['.etcd-snapshot.part', 'etcd-snapshot-part'],
  ['-x-', 'x'],
  ['Ä', 'unnamed'],
])('the key of %j is %s', (name, key) => expect(resultKey(name)).toBe(key));

test('names that come to the same key lose no value', () => {
  expect(byResultKey(['a.b', 'a-b', 'a_b'].map((name) => [name, name]))).toEqual({
    'a-b': 'a.b',
    'a-b-2': 'a-b',
    'a-b-3': 'a_b',
  });
});
