import * as fc from 'fast-check';
import { generation, unitName } from '../../src/domain/ids';
import {
  describeHeldBack,
  heldBackBy,
  newestOf,
  type FoundingMark,
  type GateAnswer,
} from '../../src/domain/start-gate';

const cluster = 'model/etcd';
const unit = unitName('etcd/0');
const founding = (number: number, token = `t${number}`): FoundingMark => ({ generation: generation(number), token });
const answer = (number: number, newest: FoundingMark | null, of = cluster): GateAnswer => ({
  cluster: of,
  unit: unitName(`etcd/${number}`),
  newest,
});

describe('whether etcd may start', () => {
  const own = founding(2);
  test.each<[string, FoundingMark | null, FoundingMark | null, GateAnswer[], string | null]>([
    ['nobody answers', own, own, [], null],
    ['nobody answers and nothing is decided yet', own, null, [], null],
    ['first founding: nobody knows any', founding(1), founding(1), [answer(1, null), answer(2, null)], null],
    ['a peer of the same', own, own, [answer(1, own)], null],
    ['a peer of an older one', own, own, [answer(1, founding(1))], null],
    ['a peer of a newer one', own, own, [answer(1, own), answer(2, founding(3))], 'etcd/2'],
    ['a newer one of another application', own, own, [answer(1, founding(9), 'model/other')], null],
    ['a newer one of another model', own, own, [answer(1, founding(9), 'elsewhere/etcd')], null],
    ['this unit has read a newer decision', own, founding(3), [], 'etcd/0'],
    ['this unit has read an older decision', own, founding(1), [], null],
    ['the same number, another token, and this unit read its own', own, own, [answer(1, founding(2, 'x'))], null],
    ['the same number, another token, nothing read', own, null, [answer(1, founding(2, 'x'))], 'etcd/1'],
    ['the same number, another token was read', own, founding(2, 'x'), [], 'etcd/0'],
    ['no marker, and a peer knows a founding', null, null, [answer(1, founding(1))], 'etcd/1'],
    ['no marker, and nobody knows any', null, null, [answer(1, null)], null],
  ])('%s', (_what, marker, decided, answers, by) => {
    expect(heldBackBy({ cluster, unit, decided }, marker, answers)?.by ?? null).toBe(by);
  });

  const anyFounding = fc.record({
    generation: fc.integer({ min: 1, max: 4 }).map(generation),
    token: fc.constantFrom('a', 'b'),
  });
  const anyAnswer = fc.record({
    cluster: fc.constantFrom(cluster, 'model/other'),
    unit: fc.constantFrom(unitName('etcd/1'), unitName('etcd/2')),
    newest: fc.option(anyFounding),
  });
  const seed = Number(process.env['SEED'] ?? 31);

  test(`a newer generation of this cluster always holds it back, silence and others never do (SEED=${seed})`, () => {
    fc.assert(
      fc.property(anyFounding, fc.option(anyFounding), fc.array(anyAnswer), (marker, decided, answers) => {
        const known = [decided, ...answers.filter((one) => one.cluster === cluster).map(({ newest }) => newest)];
        const newer = known.some((one) => one !== null && one.generation > marker.generation);
        const foreign = answers.filter((one) => one.cluster !== cluster);
        const held = heldBackBy({ cluster, unit, decided }, marker, answers);
        if (newer) expect(held).not.toBeNull();
        else if (decided !== null && decided.generation === marker.generation && decided.token === marker.token)
          expect(held).toBeNull();
        expect(heldBackBy({ cluster, unit, decided: marker }, marker, foreign)).toBeNull();
      }),
      { seed, numRuns: 2000 },
    );
  });

  test(`one more answer never lets a start through that was held back (SEED=${seed})`, () => {
    fc.assert(
      fc.property(anyFounding, fc.array(anyAnswer), anyAnswer, (marker, answers, one) => {
        const settings = { cluster, unit, decided: null };
        if (heldBackBy(settings, marker, answers) !== null)
          expect(heldBackBy(settings, marker, [one, ...answers])).not.toBeNull();
      }),
      { seed, numRuns: 2000 },
    );
  });
});

test('the newest of two', () => {
  expect(newestOf(null, null)).toBeNull();
  expect(newestOf(founding(1), null)).toEqual(founding(1));
  expect(newestOf(null, founding(1))).toEqual(founding(1));
  expect(newestOf(founding(1), founding(2))).toEqual(founding(2));
  expect(newestOf(founding(2), founding(1))).toEqual(founding(2));
});

test.each([
  [
    { by: unitName('etcd/1'), generation: generation(2), own: generation(1) },
    /etcd\/1 knows generation 2 .*are of generation 1/,
  ],
  [{ by: unit, generation: generation(2), own: generation(1) }, /this unit itself knows generation 2/],
  [{ by: unitName('etcd/1'), generation: generation(2), own: null }, /of no known one/],
  [{ by: unitName('etcd/1'), generation: generation(2), own: generation(2) }, /another founding/],
])('the operator is told why: %j', (held, words) => {
  expect(describeHeldBack(held, unit)).toMatch(words);
});
