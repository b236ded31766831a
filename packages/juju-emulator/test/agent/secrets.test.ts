import { destroyAll, lightEmulator, logOf, runsOf } from '../support/light';
import { shellCharm } from '../support/shell-charm';
import type { Emulator } from '../../src/index';

afterEach(destroyAll);

const days = 24 * 3_600_000;

/** Runs a line of shell in a unit's context and gives its output; fails the test when the line fails. */
async function sh(emulator: Emulator, unit: string, line: string): Promise<string> {
  const task = await emulator.exec(unit, line);
  expect([task.results['return-code'], task.results['stderr'] ?? '']).toEqual([0, '']);
  const { stdout } = task.results;
  return typeof stdout === 'string' ? stdout.trim() : '';
}

const noted = '[ -n "$JUJU_SECRET_ID" ] && juju-log "$hook ${JUJU_SECRET_LABEL:-none} ${JUJU_SECRET_REVISION:-none}"\n';

/** `owner` (two units) provides a database to `user`; each notes the secret hooks it runs. */
async function twoApplications(dispatch = { owner: '', user: '' }): Promise<Emulator> {
  const emulator = await lightEmulator();
  const charm = (name: 'owner' | 'user', side: string): string =>
    shellCharm({
      metadata: `name: ${name}\nsummary: s\ndescription: d\n${side}: {db: {interface: sql}}\n`,
      dispatch: `${noted}${dispatch[name]}\nexit 0`,
    });
  await emulator.deploy(charm('owner', 'provides'), { units: 2 });
  await emulator.deploy(charm('user', 'requires'));
  await emulator.integrate('owner', 'user');
  await emulator.settle();
  return emulator;
}

const leaderOf = (emulator: Emulator): string => emulator.world.applications['owner']?.leader ?? '';

/** `hook label revision` of every secret hook that a unit ran. */
const secretHooks = (emulator: Emulator, unit: string): string[] =>
  logOf(emulator).flatMap((line) =>
    line.startsWith(`unit.${unit}.juju-log secret-`) ? [line.slice(line.indexOf('secret-'))] : [],
  );

const relation = async (emulator: Emulator, unit: string): Promise<string> =>
  (await sh(emulator, unit, 'relation-ids db')).trim();

describe('a secret in a model', () => {
  it('is granted, read under a label, changed, refreshed, and its old revision removed by its owner', async () => {
    const emulator = await twoApplications({
      owner: '[ $hook = secret-remove ] && secret-remove "$JUJU_SECRET_ID" --revision "$JUJU_SECRET_REVISION"',
      user: '[ $hook = secret-changed ] && secret-get --label theirs --refresh >/dev/null',
    });
    const owner = leaderOf(emulator);
    const uri = await sh(emulator, owner, 'secret-add --label ours password=first');
    await sh(emulator, owner, `secret-grant ${uri} -r ${await relation(emulator, owner)}`);
    expect(await sh(emulator, 'user/0', `secret-get ${uri} --label theirs password`)).toBe('first');
    await sh(emulator, owner, `secret-set ${uri} password=second`);
    await emulator.settle();
    expect(secretHooks(emulator, 'user/0')).toEqual(['secret-changed theirs none']);
    expect(await sh(emulator, 'user/0', 'secret-get --label theirs')).toBe('password: second');
    expect(secretHooks(emulator, owner)).toEqual(['secret-remove ours 1']);
    expect(
      Object.values(emulator.world.secrets).map(({ revisions }) => revisions.map((each) => each.revision)),
    ).toEqual([[2]]);
    await sh(emulator, owner, `secret-remove ${uri}`);
    await emulator.settle();
    expect(emulator.world.secrets).toEqual({});
    const gone = await emulator.exec('user/0', 'secret-get --label theirs');
    expect(gone.results).toMatchObject({ 'return-code': 1 });
  });

  it('is not made when the hook that adds it fails', async () => {
    const emulator = await twoApplications({
      owner:
        '[ $hook = update-status ] && { [ -e ../once ] || { touch ../once; secret-add --owner unit key=lost; exit 1; } }',
      user: '',
    });
    emulator.controller.tick('owner/0');
    await emulator.settle();
    expect(runsOf(emulator, 'owner/0').filter((hook) => hook === 'update-status')).toHaveLength(2);
    expect(emulator.world.secrets).toEqual({});
  });

  it('rotates when it is due, soon again when nothing was done, and then not before its next turn', async () => {
    const emulator = await twoApplications({
      owner:
        '[ $hook = secret-rotate ] && { [ -e ../seen ] || { touch ../seen; exit 0; }; secret-set "$JUJU_SECRET_ID" password=$(date +%N)x; }',
      user: '',
    });
    const owner = leaderOf(emulator);
    await sh(emulator, owner, 'secret-add --label ours --rotate daily password=first');
    await emulator.settle();
    expect(secretHooks(emulator, owner)).toEqual([]);
    emulator.advance(days);
    await emulator.settle();
    expect(secretHooks(emulator, owner)).toEqual(['secret-rotate ours none']);
    emulator.advance(5 * 60_000);
    await emulator.settle();
    expect(secretHooks(emulator, owner).filter((hook) => hook.startsWith('secret-rotate'))).toHaveLength(2);
    expect(Object.values(emulator.world.secrets)[0]?.revisions.map(({ revision }) => revision)).toEqual([1, 2]);
    emulator.advance(days / 2);
    await emulator.settle();
    expect(secretHooks(emulator, owner).filter((hook) => hook.startsWith('secret-rotate'))).toHaveLength(2);
  });

  it('expires, and again later as long as its revision is there', async () => {
    const emulator = await twoApplications({
      owner:
        '[ $hook = secret-expired ] && { [ -e ../seen ] || { touch ../seen; exit 0; }; secret-remove "$JUJU_SECRET_ID" --revision "$JUJU_SECRET_REVISION"; }',
      user: '',
    });
    await sh(emulator, 'owner/1', 'secret-add --owner unit --label mine --expire 2h password=first');
    emulator.advance(2 * 3_600_000);
    await emulator.settle();
    expect(secretHooks(emulator, 'owner/1')).toEqual(['secret-expired mine 1']);
    expect(Object.keys(emulator.world.secrets)).toHaveLength(1);
    emulator.advance(5 * 60_000);
    await emulator.settle();
    expect(secretHooks(emulator, 'owner/1')).toHaveLength(2);
    expect(emulator.world.secrets).toEqual({});
    expect(secretHooks(emulator, 'owner/0')).toEqual([]);
  });

  it("of an application is the new leader's when leadership moves", async () => {
    const emulator = await twoApplications();
    const [first, second] = leaderOf(emulator) === 'owner/0' ? ['owner/0', 'owner/1'] : ['owner/1', 'owner/0'];
    const uri = await sh(emulator, first, 'secret-add --rotate hourly password=first');
    expect(await sh(emulator, second, 'secret-ids')).toBe('');
    emulator.controller.moveLeader('owner', second);
    await emulator.settle();
    expect(`secret://${emulator.world.modelUuid}/${await sh(emulator, second, 'secret-ids')}`).toBe(uri);
    expect(await sh(emulator, first, 'secret-ids')).toBe('');
    emulator.advance(3_600_000);
    await emulator.settle();
    expect(secretHooks(emulator, second)).toEqual(['secret-rotate none none']);
    expect(secretHooks(emulator, first)).toEqual([]);
    const refused = await emulator.exec(first, `secret-set ${uri} password=other`);
    expect(refused.status).toBe('failed');
    expect(refused.message).toContain(`updating secrets: "${first}" is not allowed to manage this secret`);
  });
});
