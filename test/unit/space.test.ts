import { spaceSection } from '../../src/actions/health-sections';
import { chosenAside } from '../../src/actions/prune-aside-action';
import { desiredFrom, parseSize } from '../../src/domain/desired';
import type { Observed } from '../../src/domain/observed';
import { known, unknown } from '../../src/domain/probe';
import { replacementRefusal, spaceWarnings, type AsideData, type SpaceFacts } from '../../src/domain/space';
import { statusOf } from '../../src/domain/status';
import { given, inCluster, ownSilent, planOf, without, type Change } from './a-situation';

const GiB = 1024 ** 3;
const aside = (gigabytes: number, generation: number | null = 1): AsideData => ({
  name: `data-${gigabytes}-${generation}`,
  bytes: gigabytes * GiB,
  generation,
});
const withSpace =
  (space: Partial<SpaceFacts>): Change =>
  (observed) => ({ ...observed, space: { ...observed.space, ...space } });
const withConfig =
  (config: Observed['config']): Change =>
  (observed) => ({ ...observed, config: { ...observed.config, ...config } });
const warningsOf = (observed: Observed): readonly string[] => {
  const { desired } = desiredFrom(observed.config);
  if (desired === null) throw new Error('these options make no sense');
  return spaceWarnings(observed, desired);
};

test.each<[string, number | null]>([
  ['500M', 500 * 1024 ** 2],
  ['10G', 10 * GiB],
  ['1.5GiB', 1.5 * GiB],
  ['2tb', 2 * 1024 ** 4],
  ['64K', 65536],
  ['10', null],
  ['-1G', null],
  ['ten', null],
  ['10 G', null],
])('the size "%s" is %s bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each(['aside-limit', 'snapshot-limit', 'log-limit'])(
  '%s that is no size is refused with what it must be',
  (option) => {
    const { problems } = desiredFrom({ [option]: 'much' });
    expect(problems).toEqual([
      { option, message: `${option} is much, and must be a size such as 500M or 10G, or empty for no limit` },
    ]);
  },
);

describe('space against its limits', () => {
  test.each<[string, Partial<SpaceFacts>, Observed['config'], readonly RegExp[]]>([
    ['nothing', {}, {}, []],
    ['at its limit', { aside: known([aside(10)]) }, {}, []],
    [
      'moved-aside data over it',
      { aside: known([aside(6), aside(5)]) },
      {},
      [/^moved-aside data take more than aside-limit: .*prune-aside/],
    ],
    ['a higher limit', { aside: known([aside(11)]) }, { 'aside-limit': '12G' }, []],
    ['no limit', { aside: known([aside(1100)]) }, { 'aside-limit': '' }, []],
    ['snapshots and logs', { snapshots: known(21 * GiB), logs: known(2 * GiB) }, {}, [/snapshot-limit/, /log-limit/]],
    ['what cannot be counted is not over', { aside: unknown('EIO'), snapshots: unknown('EIO') }, {}, []],
  ])('%s', (_, space, config, lines) => {
    const warnings = warningsOf(given(inCluster(3), withSpace(space), withConfig(config)));
    expect(warnings).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) expect(warnings[index]).toMatch(line);
  });

  test('over it, the status warns and stays active', () => {
    const observed = given(inCluster(3), withSpace({ aside: known([aside(11)]) }));
    expect(statusOf(observed)).toEqual({
      word: 'active',
      message:
        'cluster is healthy (3 of 3 members); moved-aside data take more than aside-limit: look at the action prune-aside',
    });
  });

  test('over it, a unit whose member was removed does not move its data aside to join again', () => {
    const removed = given(inCluster(3, 1), ownSilent, without(1));
    expect(planOf('join', removed)).toContain('move-data-aside');
    const over = given(removed, withSpace({ aside: known([aside(11)]) }));
    expect(planOf('join', over)).toEqual([expect.stringMatching(/^block Moved-aside data take more than aside-limit/)]);
    const { desired } = desiredFrom(over.config);
    expect(desired && replacementRefusal(over, desired)).toMatch(/run the action prune-aside, or raise aside-limit/);
  });

  test('health shows all of it', () => {
    const observed = given(inCluster(3), withSpace({ aside: known([aside(11)]), snapshots: unknown('EIO') }));
    const { lines, results } = spaceSection(observed);
    expect(lines).toEqual([
      expect.stringMatching(
        /^space on etcd\/0: moved-aside data 11\.0 GiB \(limit 10\.0 GiB\), snapshots unknown .*, free /,
      ),
      expect.stringMatching(/^warning: moved-aside data take more than aside-limit/),
    ]);
    expect(results).toMatchObject({
      space: { aside: { bytes: 11 * GiB, limit: 10 * GiB }, snapshots: { bytes: 'unknown' } },
    });
  });
});

describe('what prune-aside is about', () => {
  const all = [aside(1, 1), aside(2, 2), aside(3, null)];
  test.each<[number | null, readonly AsideData[]]>([
    [null, all],
    [2, all.slice(1, 2)],
    [7, []],
  ])('generation %s', (generation, chosen) => expect(chosenAside(all, generation)).toEqual(chosen));
});
