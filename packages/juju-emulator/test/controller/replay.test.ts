import { type Emulator, replay } from '../../src/index';
import { destroyAll, lightEmulator, seed } from '../support/light';
import { shellCharm } from '../support/shell-charm';
import { hooksIn } from '../../src/controller/replay';

afterEach(destroyAll);

/** Hooks that tell each other things, so that who comes first matters; one of them fails now and then. */
const charm = () =>
  shellCharm({
    config: 'options: {level: {type: int, default: 1}}\n',
    dispatch: `case $hook in
install) juju-log here;;
ring-relation-joined) relation-set level=$(config-get level);;
config-changed) for r in $(relation-ids ring); do relation-set -r $r level=$(config-get level); done;;
start) [ -e ../started ] || { touch ../started; exit 1; };;
esac`,
  });

async function scene(emulator: Emulator, path: string): Promise<void> {
  emulator.arm({ kind: 'kill', unit: 'tiny/1', hook: 'install', call: 1, when: 'before', withAgent: true });
  await emulator.deploy(path, { units: 3 });
  await emulator.setConfig('tiny', { level: 2 });
  await emulator.settle();
  await emulator.addUnit('tiny');
  await emulator.fault({ what: 'kill-agent', unit: 'tiny/0' });
  await emulator.removeUnit('tiny/2');
  await emulator.settle();
}

describe('agents that act one at a time', () => {
  it('run the same hooks in the same order for the same seed, and the journal gives them again', async () => {
    process.stdout.write(`seed ${seed}\n`);
    const path = charm();
    const [first, second] = await Promise.all([1, 2].map(() => lightEmulator({ oneAtATime: true })));
    if (first === undefined || second === undefined) throw new Error('no emulator');
    await scene(first, path);
    await scene(second, path);
    expect(hooksIn(first.journal()).length).toBeGreaterThan(30);
    expect(hooksIn(second.journal())).toEqual(hooksIn(first.journal()));
    const again = await replay(JSON.parse(JSON.stringify(first.journal())) as ReturnType<Emulator['journal']>);
    expect(again.replayed).toEqual(again.recorded);
  }, 120_000);

  it('give other orders for other seeds', async () => {
    const path = charm();
    const orders = await Promise.all(
      [1, 2, 3, 4].map(async (other) => {
        const emulator = await lightEmulator({ oneAtATime: true, seed: other });
        await emulator.deploy(path, { units: 3 });
        await emulator.settle();
        return hooksIn(emulator.journal()).join('\n');
      }),
    );
    expect(new Set(orders).size).toBeGreaterThan(1);
  }, 120_000);

  it('are what a replay needs', async () => {
    const emulator = await lightEmulator();
    await expect(replay(emulator.journal())).rejects.toMatchObject({ code: 'cannot-replay' });
  });
});
