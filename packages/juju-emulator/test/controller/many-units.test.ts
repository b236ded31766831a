import { destroyAll, lightEmulator, seed } from '../support/light';
import { shellCharm } from '../support/shell-charm';

// A hundred machines take their time to go, too.
afterEach(destroyAll, 120_000);

const side = (name: string, role: string): string =>
  `name: ${name}\nsummary: s\ndescription: d\n${role}:\n  link: {interface: link}\n`;

it('light mode carries a hundred units and thousands of hooks', async () => {
  process.stderr.write(`many units: EMULATOR_SEED=${seed}\n`);
  const emulator = await lightEmulator();
  const dispatch =
    'case $hook in start) status-set active;; link-relation-joined) relation-set from=$JUJU_UNIT_NAME;; esac';
  await emulator.deploy(shellCharm({ metadata: side('many', 'requires'), dispatch }), { units: 95 });
  await emulator.deploy(shellCharm({ metadata: side('few', 'provides'), dispatch }), { units: 5 });
  const relation = await emulator.integrate('many', 'few');
  await emulator.settle({ timeoutMs: 540_000 });

  const { applications } = emulator.status();
  const units = { ...applications.many?.units, ...applications.few?.units };
  expect(Object.keys(units)).toHaveLength(100);
  expect(new Set(Object.values(units).map((unit) => unit['workload-status'].status))).toEqual(new Set(['active']));
  // Everyone has seen everyone of the other side, once as joined.
  const hooks = emulator
    .journal()
    .filter(({ event, detail }) => event === 'operation' && detail?.kind === 'run-hook')
    .map(({ unit, detail }) => ({ unit, hook: detail?.hook as { kind: string; remoteUnit?: string } }));
  const joined = hooks.filter(({ hook }) => hook.kind === 'relation-joined');
  expect(joined).toHaveLength(2 * 95 * 5);
  expect(new Set(joined.map(({ unit, hook }) => `${unit ?? ''} ${hook.remoteUnit ?? ''}`)).size).toBe(2 * 95 * 5);
  expect(hooks.length).toBeGreaterThan(2000);
  const bags = emulator.world.relations[relation]?.unitBags ?? {};
  expect(Object.entries(bags).filter(([unit, bag]) => bag.from !== unit)).toEqual([]);
}, 600_000);
