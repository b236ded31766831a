import type { JournalEntry } from 'juju-emulator';
import { describeOnMachines, EtcdModel, runSeed } from '../support/etcd-model';
import { expectHealthAction, expectOneCluster } from '../support/expect-cluster';
import { shuffled } from '../support/shuffled';

jest.setTimeout(240_000);

/** Where a hook is killed: at its n-th hook-tool call, alone or with its unit's agent. */
interface CrashPoint {
  readonly unit: string;
  readonly hook: string;
  readonly call: number;
  readonly withAgent: boolean;
}

/** At least so many must be hit in a run on machines; light mode tries all of them. */
const least = 25;
/** Some more are armed: a point is missed when the hooks of a run with crashes come in another order. */
const armed = 36;

const nameOf = ({ unit, hook, call, withAgent }: CrashPoint): string =>
  `${unit} ${hook} call ${call}${withAgent ? ' with its agent' : ''}`;

const ofUnits = (journal: readonly JournalEntry[], event: string): readonly JournalEntry[] =>
  journal.filter((entry) => entry.event === event && entry.unit?.startsWith('etcd/') === true);

/** Every point that a run passed. What timers start is a matter of time and left out. */
function pointsOf(journal: readonly JournalEntry[]): CrashPoint[] {
  const found = new Map<string, CrashPoint>();
  for (const { unit = '', detail } of ofUnits(journal, 'tool call'))
    for (const withAgent of [false, true]) {
      const point = { unit, hook: String(detail?.['hook']), call: Number(detail?.['n']), withAgent };
      if (point.hook !== 'update-status' && point.hook !== 'run-commands') found.set(nameOf(point), point);
    }
  return [...found.values()];
}

const hitsOf = (journal: readonly JournalEntry[]): Set<string> =>
  new Set(
    ofUnits(journal, 'fault: kill').map(({ unit = '', detail }) =>
      nameOf({
        unit,
        hook: String(detail?.['hook']),
        call: Number(detail?.['call']),
        withAgent: detail?.['withAgent'] === true,
      }),
    ),
  );

async function formThree(model: EtcdModel): Promise<void> {
  await model.deployEverything(3, { client: false });
  await model.healthy(3);
}

describeOnMachines('hooks killed anywhere while three members form a cluster', () => {
  it(`at least ${least} points, chosen by the seed: the same healthy cluster`, async () => {
    const points = await (async () => {
      await using model = await EtcdModel.create('crash points, the run without crashes');
      // Awaited here: the model must not be gone before.
      return await model.explain(async () => {
        await formThree(model);
        return pointsOf(model.emulator.journal());
      });
    })();
    const chosen = shuffled(points, runSeed).slice(0, armed);

    await using model = await EtcdModel.create('crash points', { retryFactor: 0.01 });
    for (const [index, point] of chosen.entries())
      model.emulator.arm({ kind: 'kill', ...point, when: index % 2 === 0 ? 'before' : 'after' });
    await model.explain(async () => {
      await formThree(model);
      const hits = hitsOf(model.emulator.journal());
      process.stderr.write(
        `e2e: crash points: seed ${runSeed}, ${hits.size} points covered of ${points.length} points found\n`,
      );
      await expectOneCluster(model);
      await expectHealthAction(model, 'etcd/0');
      expect(hits.size).toBeGreaterThanOrEqual(least);
    });
  });
});
