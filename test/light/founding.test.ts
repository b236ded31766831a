import type { Fault } from 'juju-emulator';
import { lightSuite } from '../support/light-suite';

const suite = lightSuite('founding');

jest.setTimeout(300_000);

const units = ['etcd/0', 'etcd/1'] as const;

/** Whoever leads then: both kinds of fault at the commit that carries the founding decision. */
function atTheDecision(refuse: boolean): Fault[] {
  return units.flatMap((unit): Fault[] => {
    const target = { unit, hook: '*', applicationKey: 'founding' };
    const lose: Fault = { kind: 'lose-leadership-at-commit', to: unit === 'etcd/0' ? 'etcd/1' : 'etcd/0', ...target };
    return refuse ? [lose, { kind: 'refuse-commit', ...target }] : [lose];
  });
}

/** Each leader's first decision is hit, so at the end the second decision of one of them stands. */
test.each([
  ['is refused', true],
  ['comes too late', false],
])('the commit with the founding decision %s and leadership moves, from both: one cluster', async (_, refuse) => {
  await using model = await suite.model();
  await model.explain('a founding that is not committed', async () => {
    for (const fault of atTheDecision(refuse)) model.emulator.arm(fault);
    await model.deploy(2);
    await model.healthy(2);
    const struck = model.emulator.journal().filter(({ event }) => event === 'fault: leadership lost at commit');
    expect(struck.map(({ unit }) => unit).sort()).toEqual(units);
    expect(model.emulator.controller.faults.armed).toEqual([]);
    await model.write('after');
    await model.expectOneCluster();
    await model.expectAtRest();
  });
});
