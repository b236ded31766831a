import { relationId, unitName, type RelationBag } from '@juju/charm-helpers-ts';
import { noFaults, type Faults } from '../src/faults';
import { plan, type Plan } from '../src/plan';
import { readRequests, type CertificateRequest } from '../src/request';

const certificates = relationId('client:3');

const requestsOf = (bag: RelationBag, unit = 'etcd/0', faults: Faults = noFaults): readonly CertificateRequest[] =>
  readRequests(certificates, unitName(unit), bag, faults).good;

/** The good certificates after a plan was carried out. */
const after = (before: ReadonlySet<string>, { issue, revoke }: Plan): ReadonlySet<string> =>
  new Set([...before, ...issue.map(({ name }) => name)].filter((name) => !revoke.includes(name)));

const server = (commonName: string, sans: readonly string[]): RelationBag => ({
  common_name: commonName,
  sans: JSON.stringify(sans),
});

describe('reading requests', () => {
  test('the unit_name names the answer, else the unit itself; slashes become underscores', () => {
    const names = (bag: RelationBag): string[] => requestsOf(bag).map(({ answerAs }) => answerAs);
    expect(names({ common_name: 'a', unit_name: 'x/1' })).toEqual(['x_1']);
    expect(names({ common_name: 'a' })).toEqual(['etcd_0']);
  });

  test.each([
    ['a SAN with a comma, which would add SANs of the asker', server('a', ['b,DNS:admin'])],
    ['a name with a dollar, which a shell or openssl would expand', server('$ENV::HOME', [])],
    ['a name with a line break', server('a\nb', [])],
    ['a name that is too long', server('n'.repeat(65), [])],
    ['sans that are no JSON', { common_name: 'a', sans: 'etcd-2' }],
    ['a list that is no JSON', { cert_requests: 'a' }],
    ['a list entry without sans', { cert_requests: '{"a":{}}' }],
    ['a client name with a slash', { client_cert_requests: '{"a/b":{"sans":[]}}' }],
  ])('refuses %s, and says so', (_, bag) => {
    const { good, bad } = readRequests(certificates, unitName('etcd/0'), bag, noFaults);
    expect(good).toEqual([]);
    expect(bad).toHaveLength(1);
    expect(bad[0]?.reason).not.toBe('');
  });

  test('one bad request of a unit does not spoil its others', () => {
    const bag = { ...server('good', ['good']), cert_requests: '{"bad name":{"sans":[]},"fine":{"sans":["x"]}}' };
    const { good, bad } = readRequests(certificates, unitName('etcd/0'), bag, noFaults);
    expect(good.map(({ commonName }) => commonName)).toEqual(['good', 'fine']);
    expect(bad.map(({ key }) => key)).toEqual(['cert_requests']);
  });
});

describe('planning', () => {
  test('the second plan for the same requests issues and revokes nothing, and still answers', () => {
    const requests = [...requestsOf(server('a', ['x'])), ...requestsOf(server('a', ['y']), 'etcd/1')];
    const first = plan(requests, new Set(), noFaults);
    expect(first.issue.map(({ kind }) => kind)).toEqual(['client', 'server', 'server']);
    const second = plan(requests, after(new Set(), first), noFaults);
    expect(second).toEqual({ issue: [], revoke: [], answer: first.answer });
  });

  test('other SANs give a new certificate and revoke the old one, also after a crash between the two', () => {
    const first = plan(requestsOf(server('a', ['x'])), new Set(), noFaults);
    const old = first.answer[0]?.name ?? '';
    const before = after(new Set(), first);
    const changed = plan(requestsOf(server('a', ['y'])), before, noFaults);
    expect(changed.revoke).toEqual([old]);
    const crashed = new Set([...before, ...changed.issue.map(({ name }) => name)]);
    const again = plan(requestsOf(server('a', ['y'])), crashed, noFaults);
    expect(again).toEqual({ issue: [], revoke: [old], answer: changed.answer });
  });

  test('order and repetition of SANs are no change', () => {
    const issued = after(new Set(), plan(requestsOf(server('a', ['x', 'y'])), new Set(), noFaults));
    expect(plan(requestsOf(server('a', ['y', 'x', 'y'])), issued, noFaults).issue).toEqual([]);
  });

  test('a withdrawn request revokes nothing', () => {
    const issued = after(new Set(), plan(requestsOf(server('a', ['x'])), new Set(), noFaults));
    expect(plan([], issued, noFaults)).toEqual({ issue: [], revoke: [], answer: [] });
  });

  test('one unit cannot take away the certificate of another by asking for its name', () => {
    const mine = requestsOf(server('shared', ['one']));
    const first = plan(mine, new Set(), noFaults);
    const both = plan([...mine, ...requestsOf(server('shared', ['two']), 'etcd/1')], after(new Set(), first), noFaults);
    expect(both.revoke).toEqual([]);
    expect(both.answer[0]).toEqual(first.answer[0]);
  });

  test('a client name that is also a server name gets a client certificate', () => {
    const bag = { ...server('both', ['x']), client_cert_requests: '{"both":{"sans":["x"]}}' };
    const made = plan(requestsOf(bag), new Set(), noFaults).issue.filter(({ commonName }) => commonName === 'both');
    expect(made.map(({ kind, sans }) => [kind, sans])).toEqual([
      ['server', ['x']],
      ['client', []],
    ]);
  });

  test('the endless re-issue takes turns only where it is switched on', () => {
    const bag = { ...server('dup', ['one']), cert_requests: '{"dup":{"sans":["two"]}}' };
    const issuedEachTime = (faults: Faults): string[][] => {
      let issued: ReadonlySet<string> = new Set();
      return [1, 2, 3, 4].map(() => {
        const planned = plan(requestsOf(bag, 'etcd/0', faults), issued, faults);
        issued = after(issued, planned);
        return planned.issue.filter(({ kind }) => kind === 'server').flatMap(({ sans }) => sans);
      });
    };
    expect(issuedEachTime(noFaults)).toEqual([['one', 'two'], [], [], []]);
    expect(issuedEachTime({ ...noFaults, endlessReissue: true })).toEqual([['one', 'two'], ['one'], ['two'], ['one']]);
  });

  test('the stale answer is given only where it is switched on', () => {
    const answersToXyx = (faults: Faults): number[] => {
      let issued: ReadonlySet<string> = new Set();
      return ['X', 'Y', 'X'].map((name) => {
        const planned = plan(requestsOf(server(name, ['s'])), issued, faults);
        issued = after(issued, planned);
        return planned.answer.length;
      });
    };
    expect(answersToXyx(noFaults)).toEqual([1, 1, 1]);
    expect(answersToXyx({ ...noFaults, staleAnswer: true })).toEqual([1, 1, 0]);
  });
});
