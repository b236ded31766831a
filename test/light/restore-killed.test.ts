import { effectName, effectRounds, type Round } from '../support/crash-matrix';
import { lightSuite } from '../support/light-suite';
import { RestoredCluster } from '../support/restore-kills';
import { shuffled } from '../support/shuffled';

const suite = lightSuite('restore killed');
const exhaustive = process.env['EXHAUSTIVE'] === '1';
/** Restores of each size in a usual run; each is killed several times. */
const sampled = Number(process.env['ROUNDS'] ?? 2);
/** Points that a run did not come to, because the order of hooks is a matter of time, are tried again. */
const passes = exhaustive ? 3 : 1;
jest.setTimeout(exhaustive || sampled > 2 ? 5_400_000 : 900_000);

/** On the only unit most is the action's, which begins anew after each kill: fewer of them in one round. */
describe.each([
  [1, 2],
  [3, 4],
])('a restore of a cluster of %d, killed at any effect and run again', (units, kills) => {
  test('ends in one healthy cluster with the data of the snapshot, each time', async () => {
    const fresh = async (): Promise<RestoredCluster> =>
      RestoredCluster.create(await suite.model({ retryFactor: 0.001 }), units);
    let cluster = await fresh();
    const hit = new Set<string>();
    const wrong: string[] = [];
    const play = async ({ crashAt, name }: Round, left: number): Promise<void> => {
      const began = performance.now();
      let verdict = 'ok';
      try {
        if (cluster.model.leader() !== cluster.leader) throw new Error('the leader moved between two restores');
        for (const point of await cluster.restore(crashAt)) hit.add(effectName(point));
      } catch (error) {
        verdict = `FAILED: ${error instanceof Error ? error.message : String(error)}`;
        wrong.push(`${name}: ${verdict}`);
        suite.say(cluster.model.report());
        await cluster[Symbol.asyncDispose]();
        cluster = await fresh();
      }
      const struck = crashAt.filter((point) => hit.has(effectName(point))).length;
      const seconds = Math.round((performance.now() - began) / 1000);
      suite.say(
        `${units} units: ${name}: ${struck} of ${crashAt.length}, ${verdict} (${seconds} s, ${left} rounds left)`,
      );
    };
    try {
      const points = await cluster.record();
      const packed = (wanted?: (point: string) => boolean): Round[] =>
        effectRounds({ calls: [], effects: points, leaderHooks: [], deciding: [] }, kills, wanted);
      let rounds = exhaustive ? packed() : shuffled(packed(), suite.seed).slice(0, sampled);
      for (let pass = 1; pass <= passes && rounds.length > 0; pass += 1) {
        for (const [index, round] of rounds.entries()) await play(round, rounds.length - index - 1);
        rounds = pass === passes || !exhaustive ? [] : packed((point) => !hit.has(point));
      }
      const missed = points.map(effectName).filter((point) => !hit.has(point));
      suite.say(`${units} units: killed at ${hit.size} of ${points.length} points`);
      if (exhaustive) for (const point of missed) suite.say(`not come to: ${point}`);
      expect(wrong).toEqual([]);
      expect(hit.size).toBeGreaterThanOrEqual(exhaustive ? points.length * 0.95 : 1);
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
  });
});
