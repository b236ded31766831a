import { type Emulator, replay } from '../../src/index';
import { destroyAll, lightEmulator, seed } from '../support/light';
import { shellCharm } from '../support/shell-charm';
import { controllerMethods } from '../../src/controller/methods';
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

const unheard = { send: () => undefined, closed: new AbortController().signal, onStdin: () => undefined };

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

  it('give actions, commands, secrets and what is done to the controller itself again', async () => {
    process.stdout.write(`seed ${seed}\n`);
    const path = shellCharm({
      metadata:
        'name: tiny\nsummary: s\ndescription: d\npeers: {ring: {interface: ring}}\n' +
        'storage: {extra: {type: filesystem, multiple: {range: 0-}}}\n',
      config: 'options: {key: {type: secret}}\n',
      actions: 'tell: {description: d, params: {word: {type: string}}}\n',
      dispatch: `case $hook in
tell) for r in $(relation-ids ring); do relation-set -r $r word=$(action-get word); done;;
config-changed) [ -z "$(config-get key)" ] || secret-get "$(config-get key)" > ../secret;;
esac`,
    });
    const emulator = await lightEmulator({ oneAtATime: true });
    const methods = controllerMethods(emulator, () => undefined);
    const ask = (name: keyof typeof methods, params: object): Promise<unknown> =>
      Promise.resolve(methods[name](params as never, unheard));
    await emulator.deploy(path, { units: 3 });
    await emulator.settle();
    const enqueue = { units: ['tiny/0', 'tiny/1'], parameters: { word: 'one' } };
    await ask('enqueue', { ...enqueue, name: 'tell' });
    await ask('enqueue', {
      units: ['tiny/2'],
      name: 'juju-exec',
      parameters: { command: 'relation-ids ring', timeout: 0 },
    });
    await emulator.settle();
    const uri = String(await ask('addSecret', { name: 'key', description: '', content: { a: 'YQ==' } }));
    await ask('changeSecretAccess', { secret: uri, applications: ['tiny'], granted: true });
    await emulator.setConfig('tiny', { key: uri });
    await emulator.settle();
    await ask('updateSecret', { secret: uri, content: { a: 'Yg==' } });
    await ask('addStorage', { unit: 'tiny/1', directives: { extra: '2' } });
    await emulator.settle();
    emulator.controller.moveLeader('tiny', 'tiny/1');
    emulator.controller.tick();
    await emulator.controller.machines.reboot('2');
    expect((await emulator.exec('tiny/0', 'relation-list -r 0')).results['stdout']).toBe('tiny/1\ntiny/2\n');
    await emulator.settle();
    const ran = hooksIn(emulator.journal());
    for (const hook of ['tell', 'run-command', 'secret-changed', 'storage-attached', 'update-status', 'leader-elected'])
      expect(ran.some((line) => line.includes(hook))).toBe(hook !== 'run-command');
    expect(ran.filter((line) => line.includes('juju-exec'))).toHaveLength(2);
    const again = await replay(JSON.parse(JSON.stringify(emulator.journal())) as ReturnType<Emulator['journal']>);
    expect(again.replayed).toEqual(again.recorded);
    expect(again.recorded).toEqual(ran);
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
