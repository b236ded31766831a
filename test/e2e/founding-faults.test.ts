import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { expectOneCluster } from '../support/expect-cluster';
import { until } from '../support/until';

jest.setTimeout(180_000);

const decided = /Decided the founding of the cluster/;

/** Calls `then` once, in the moment in which a unit's charm says that it decided the founding, before its hook is committed. */
function atDecision(model: EtcdModel, then: (leader: string) => void): () => boolean {
  let happened = false;
  const stop = model.emulator.controller.options.log.follow(({ entity, message }) => {
    if (happened || !decided.test(message)) return;
    happened = true;
    then(entity.replace(/^unit-(.*)-(\d+)$/, '$1/$2'));
  });
  return () => {
    if (happened) stop();
    return happened;
  };
}

const otherThan = (model: EtcdModel, unit: string): string => {
  const other = model.units().find((each) => each !== unit);
  if (other === undefined) throw new Error(`there is no unit but ${unit}`);
  return other;
};

const decisions = (model: EtcdModel): string[] =>
  model.emulator
    .log()
    .filter(({ message }) => decided.test(message))
    .map(({ entity, message }) => `${entity}: ${message}`);

describeOnMachines('faults while a cluster is founded', () => {
  const models: EtcdModel[] = [];
  const modelFor = async (label: string): Promise<EtcdModel> => {
    const model = await EtcdModel.create(label);
    models.push(model);
    return model;
  };
  afterAll(() => Promise.all(models.map((model) => model[Symbol.asyncDispose]())));

  /** The models do not depend on each other: their machines work side by side, the tests look one after another. */
  const scenarios = {
    'leadership moves between the decision and its commit: exactly one cluster': async (model: EtcdModel) => {
      await model.deployEtcd(2);
      const struck = atDecision(model, (leader) =>
        model.emulator.arm({
          kind: 'lose-leadership-at-commit',
          unit: leader,
          hook: '*',
          to: otherThan(model, leader),
        }),
      );
      await model.deployAuthority();
      await model.relateAuthority();
      await model.healthy(2);
      expect(struck()).toBe(true);
      expect(model.emulator.journal().some(({ event }) => event === 'fault: leadership lost at commit')).toBe(true);
      // The decision that was refused, and the one that came to be: by two leaders.
      expect(new Set(decisions(model).map((line) => line.split(':')[0])).size).toBe(2);
      await expectOneCluster(model);
    },
    'the commit is refused and leadership moves right then: exactly one cluster': async (model: EtcdModel) => {
      await model.deployEtcd(2);
      let first = '';
      const struck = atDecision(model, (leader) => {
        first = leader;
        model.emulator.arm({ kind: 'refuse-commit', unit: leader, hook: '*' });
      });
      await model.deployAuthority();
      await model.relateAuthority();
      await until(
        'the commit was refused',
        () => model.emulator.journal().some(({ event }) => event === 'fault: commit refused'),
        { timeoutMs: 90_000, everyMs: 5 },
      );
      model.emulator.controller.moveLeader('etcd', otherThan(model, first));
      await model.healthy(2);
      expect(struck()).toBe(true);
      await expectOneCluster(model);
    },
    'one of two founders is destroyed before it started: the other founds again, and a new unit joins it': async (
      model: EtcdModel,
    ) => {
      await model.deployEtcd(2);
      let lost = '';
      const struck = atDecision(model, (leader) => {
        lost = otherThan(model, leader);
        // Nothing begins there any more: it is named as a founder and never starts.
        model.emulator.controller.hold(lost, true);
      });
      await model.deployAuthority();
      await model.relateAuthority();
      await until('the founding is decided', struck, { timeoutMs: 90_000 });
      await model.emulator.controller.machines.destroy(model.emulator.world.units[lost]?.machine ?? '');
      expect(
        model.emulator
          .log()
          .filter(({ message }) => /Started etcd/.test(message))
          .map(({ entity }) => entity),
      ).not.toContain(`unit-${lost.replace('/', '-')}`);
      await model.emulator.removeUnit(lost, { force: true });
      await model.healthy(1);
      await model.emulator.addUnit('etcd', 1);
      await model.healthy(2);
      await expectOneCluster(model);
      expect(decisions(model).map((line) => /generation (\d+)/.exec(line)?.[1])).toEqual(['1', '2']);
    },
  } as const;

  const runs = new Map<string, Promise<{ model: EtcdModel; error?: unknown }>>();
  beforeAll(async () => {
    for (const [name, scenario] of Object.entries(scenarios)) {
      const model = await modelFor(name);
      runs.set(
        name,
        model
          .explain(() => scenario(model))
          .then(
            () => ({ model }),
            (error: unknown) => ({ model, error }),
          ),
      );
    }
  });

  it.each(Object.keys(scenarios))('%s', async (name) => {
    const run = await runs.get(name);
    if (run === undefined) throw new Error(`${name} was not begun`);
    if (run.error !== undefined) throw run.error as Error;
    expect(run.model.lines().map(({ word }) => word)).toEqual(['active', 'active']);
  });
});
