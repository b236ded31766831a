import { destroyAll, lightEmulator, runsOf, seed } from '../support/light';
import { shellCharm } from '../support/shell-charm';

beforeAll(() => console.log(`seed ${seed}`));
afterEach(destroyAll);

describe('deploying', () => {
  it('runs the leader and a second unit in the order of the recordings', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(
      shellCharm({ dispatch: 'case $hook in *created) relation-set "from=$JUJU_UNIT_NAME";; esac' }),
      { units: 2 },
    );
    await emulator.settle();
    expect(runsOf(emulator, 'tiny/0')).toEqual([
      'install',
      'ring-relation-created',
      'leader-elected',
      'config-changed',
      'start',
      'ring-relation-joined tiny/1',
      'ring-relation-changed tiny/1',
    ]);
    expect(runsOf(emulator, 'tiny/1').slice(0, 4)).toEqual([
      'install',
      'ring-relation-created',
      'config-changed',
      'start',
    ]);
    const [relation] = Object.values(emulator.world.relations);
    expect(relation?.unitBags['tiny/0']).toMatchObject({ from: 'tiny/0' });
  });
});
