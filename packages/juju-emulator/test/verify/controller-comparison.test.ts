import { between } from '../../src/verify/controller/answers';
import { changesOf, orderOf } from '../../src/verify/controller/hook-order';
import type { RecordedHook } from '../../src/verify/controller/recording';

const hook = (dispatch: string, relation = '', remote = ''): RecordedHook => ({
  unit: 'app/0',
  dispatch: `hooks/${dispatch}`,
  argv: [],
  cwd: '',
  uid: 0,
  umask: '0o22',
  env: { JUJU_RELATION_ID: relation, JUJU_REMOTE_UNIT: remote },
  t0: 0,
  rc: 0,
  tools: [],
});
const joined = (relation: string, remote: string) => hook('ring-relation-joined', relation, remote);
const changed = (relation: string, remote: string) => hook('ring-relation-changed', relation, remote);

describe('the order of hooks, what Juju leaves open apart', () => {
  it('does not tell which remote unit came first, nor how often a change was noticed', () => {
    const one = [hook('start'), joined('ring:0', 'app/1'), changed('ring:0', 'app/1'), joined('ring:0', 'app/2')];
    const other = [hook('start'), joined('ring:0', 'app/2'), joined('ring:0', 'app/1'), changed('ring:0', 'app/1')];
    expect(orderOf([...one, changed('ring:0', 'app/1')])).toEqual(orderOf(other));
    expect(changesOf([...one, changed('ring:0', 'app/1')])).toEqual(['ring:0 app/1']);
  });

  it('tells a change before its unit has joined', () => {
    const wrong = [changed('ring:0', 'app/1'), joined('ring:0', 'app/1')];
    expect(orderOf(wrong)).not.toEqual(orderOf([...wrong].reverse()));
  });

  it('tells install from start, and a relation broken before its units departed', () => {
    expect(orderOf([hook('install'), hook('start')])).not.toEqual(orderOf([hook('start'), hook('install')]));
    const leaving = [hook('ring-relation-broken', 'ring:0'), hook('ring-relation-departed', 'ring:0', 'app/1')];
    expect(orderOf(leaving)).not.toEqual(orderOf([...leaving].reverse()));
  });
});

describe('answers of another moment', () => {
  it('lie between what all and what any answers said', () => {
    expect(between('a\nb', ['a', 'a\nb\nc'], false)).toBe(true);
    expect(between('b', ['a', 'a\nb'], false)).toBe(false);
    expect(between('a\nd', ['a', 'a\nb'], false)).toBe(false);
  });

  it('may have had less where only more comes', () => {
    expect(between('b', ['a\nb'], true)).toBe(true);
    expect(between('c', ['a\nb'], true)).toBe(false);
  });
});
