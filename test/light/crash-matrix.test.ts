import {
  commitRounds,
  effectRounds,
  hitIn,
  killRounds,
  liveThrough,
  recordingOf,
  type Recording,
  type Round,
  type Wanted,
} from '../support/crash-matrix';
import { lightSuite } from '../support/light-suite';
import { shuffled } from '../support/shuffled';

const suite = lightSuite('crash matrix');
const exhaustive = process.env['EXHAUSTIVE'] === '1';
/** Only rounds whose name has this in it: to repeat one. */
const only = process.env['LIGHT_ONLY'];
/** Models at a time. */
const atOnce = Number(process.env['LIGHT_JOBS'] ?? 2);
/** A point that a run did not come to, because the order of hooks is a matter of time, is tried once more. */
const passes = exhaustive ? 2 : 1;

jest.setTimeout(exhaustive ? 5_400_000 : 600_000);

let recording: Recording;
let all: Round[] = [];

beforeAll(async () => {
  await using model = await suite.model();
  await model.explain('the run without faults', () => liveThrough(model));
  recording = recordingOf(model);
  all = allRounds();
  suite.say(`${all.length} rounds in all`);
});

/** Runs rounds, so many at a time. Gives the points that were hit; what went wrong is thrown together at the end. */
async function run(rounds: readonly Round[]): Promise<Set<string>> {
  const hit = new Set<string>();
  const wrong: string[] = [];
  const left = [...rounds];
  const worker = async (): Promise<void> => {
    for (let round = left.shift(); round !== undefined; round = left.shift()) {
      const began = performance.now();
      await using model = await suite.model({ retryFactor: 0.001 });
      for (const fault of round.faults) model.emulator.arm(fault);
      let verdict = 'ok';
      try {
        await liveThrough(model, round.crashAt, round.faults);
      } catch (error) {
        verdict = `FAILED: ${error instanceof Error ? error.message : String(error)}`;
        wrong.push(`${round.name}: ${verdict}`);
        suite.say(model.report());
      }
      const points = hitIn(model, round);
      points.forEach((point) => hit.add(point));
      const ticked = model.ticks > 0 ? `, ${model.ticks} times woken by update-status alone` : '';
      suite.say(
        `${round.name}: ${points.length} points, ${verdict}${ticked} (${Math.round((performance.now() - began) / 1000)} s, ${left.length} rounds left)`,
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (wrong.length > 0)
    throw new Error(
      `${wrong.length} of ${rounds.length} rounds did not end in one healthy cluster:\n${wrong.join('\n')}`,
    );
  return hit;
}

const allRounds = (wanted?: Wanted): Round[] => [
  ...commitRounds(recording, wanted),
  ...effectRounds(recording, 6, wanted),
  ...killRounds(recording, 8, wanted),
];

/** Everything with EXHAUSTIVE=1; else a sample by the seed, of at least 25 points. */
function sample(): Round[] {
  if (only !== undefined) return all.filter(({ name }) => name.includes(only));
  if (exhaustive) return all;
  const some = (rounds: readonly Round[], count: number): Round[] => shuffled(rounds, suite.seed).slice(0, count);
  return [
    ...some(killRounds(recording, 4), 1),
    ...some(effectRounds(recording, 2), 2),
    ...some(commitRounds(recording), 1),
  ];
}

test('whatever is killed, refused or lost once: the next hooks make the same healthy cluster, one, with nothing lost', async () => {
  const found = new Set(all.flatMap(({ points }) => points));
  suite.say(`${found.size} points found`);
  const hit = new Set<string>();
  let rounds = sample();
  for (let pass = 1; pass <= passes && rounds.length > 0; pass += 1) {
    for (const point of await run(rounds)) hit.add(point);
    suite.say(`pass ${pass}: ${hit.size} points hit`);
    // What lies far apart in the full matrix comes together here: a few rounds for all that was not come to.
    const asked = new Set(rounds.flatMap(({ points }) => points));
    rounds = pass === passes ? [] : allRounds((point) => asked.has(point) && !hit.has(point));
  }
  const covered = [...found].filter((point) => hit.has(point));
  const missed = [...found].filter((point) => !hit.has(point));
  suite.say(`seed ${suite.seed}: points covered ${covered.length} of ${found.size} found`);
  if (exhaustive) for (const point of missed) suite.say(`not reached: ${point}`);
  // Hooks that come together in another run, or not at all, leave a few points that no run of this seed comes to; they are listed.
  if (only === undefined) expect(covered.length).toBeGreaterThanOrEqual(exhaustive ? found.size * 0.9 : 25);
});
