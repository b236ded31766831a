import { ContinuousWriter } from '../support/continuous-writer';
import { describeOnMachines, EtcdModel } from '../support/etcd-model';
import { expectHealthAction, expectOneCluster } from '../support/expect-cluster';
import { memberStatus } from '../support/gateway-client';
import { until } from '../support/until';

jest.setTimeout(180_000);

const prefix = '/e2e/writer/';

describeOnMachines('under a continuous writer no acknowledged write is lost', () => {
  let model: EtcdModel;
  let writer: ContinuousWriter;
  /** Where the writer writes: set by each check, as units and ports come and go. */
  let endpoints: readonly string[] = [];
  let port = 2379;

  beforeAll(async () => {
    model = await EtcdModel.create('under load');
    await model.explain(async () => {
      await model.deployEverything(3);
      await model.healthy(3);
    });
    endpoints = model.endpoints();
    writer = new ContinuousWriter(prefix, () => endpoints, model.clientTls()).start();
  });
  afterAll(async () => {
    await writer?.stop();
    if (writer !== undefined)
      process.stderr.write(
        `e2e: under load: ${writer.acknowledged.length} writes acknowledged, ${writer.unknown.length} unknown, ` +
          `longest gap ${writer.longestGap} ms\n`,
      );
    await model?.[Symbol.asyncDispose]();
  });

  // The checks build on each other: after one that failed the others would only wait in vain.
  let failed: string | undefined;
  const check = (title: string, body: () => Promise<void>): void =>
    it(title, async () => {
      if (failed !== undefined) throw new Error(`not tried: "${failed}" failed before`);
      failed = title;
      await model.explain(async () => {
        await writer.progress(10, 20_000);
        await body();
        await writer.progress(10, 20_000);
        await expectNothingLost();
      });
      failed = undefined;
    });

  /** Each member is asked by itself, linearizably. */
  async function expectNothingLost(): Promise<void> {
    const lost = await Promise.all(
      model
        .endpoints(port)
        .map((endpoint) => until(`${endpoint} answers`, () => writer.lostAt(endpoint), { timeoutMs: 30_000 })),
    );
    expect(writer.acknowledged.length).toBeGreaterThan(0);
    expect(lost).toEqual(model.units().map(() => []));
  }

  /** Takes the charm's programs away from every machine and gives them back: what happens meanwhile, no hook did. */
  async function withoutHooks(body: () => Promise<void>): Promise<void> {
    const units = model.units();
    const move = (from: string, to: string): Promise<unknown> =>
      Promise.all(
        units.map(async (unit) => {
          const charm = `/var/lib/juju/agents/unit-${unit.replace('/', '-')}/charm`;
          const { code, stderr } = await model.run(
            unit,
            `cd ${charm} && for each in dispatch hooks; do mv $each${from} $each${to} || exit 1; done`,
          );
          expect({ unit, code, stderr }).toEqual({ unit, code: 0, stderr: '' });
        }),
      );
    await model.emulator.settle();
    const steps = (): number[] => units.map((unit) => model.steps(unit).length);
    await move('', '.away');
    const before = steps();
    await body();
    const after = steps();
    await model.emulator.settle();
    await move('.away', '');
    expect(after).toEqual(before);
  }

  /** All members answer with one leader. */
  const serving = (): Promise<unknown> =>
    until(
      'every member serves',
      async () => {
        const tls = model.clientTls();
        const statuses = await Promise.all(model.endpoints(port).map((endpoint) => memberStatus(endpoint, tls)));
        const leaders = new Set(statuses.map(({ leader }) => leader));
        return leaders.size === 1 && !leaders.has('0'.repeat(16));
      },
      { timeoutMs: 60_000 },
    );

  /** Update-status on every unit, as Juju does every five minutes. */
  async function tick(): Promise<void> {
    model.emulator.controller.tick();
    await model.emulator.settle();
  }

  check('kill -9 of the etcd leader', () =>
    withoutHooks(async () => {
      const leader = await model.etcdLeader();
      const pid = await model.pid(leader);
      await model.run(leader, 'systemctl kill --signal KILL etcd.service');
      await writer.progress(10, 30_000);
      await serving();
      expect(await model.pid(leader)).not.toBe(pid);
    }),
  );

  check('reboot of one machine', () =>
    withoutHooks(async () => {
      const [unit = ''] = model.units();
      const boot = await model.machine(unit).bootId();
      await model.emulator.controller.machines.reboot(model.emulator.world.units[unit]?.machine ?? '');
      await writer.progress(10, 30_000);
      await serving();
      expect(await model.machine(unit).bootId()).not.toBe(boot);
    }),
  );

  check('kill -9 of all members at once, and again after a reboot of all machines', async () => {
    await withoutHooks(async () => {
      await Promise.all(model.units().map((unit) => model.run(unit, 'systemctl kill --signal KILL etcd.service')));
      await serving();
      const { world, controller } = model.emulator;
      await Promise.all(model.units().map((unit) => controller.machines.reboot(world.units[unit]?.machine ?? '')));
      await serving();
    });
    await tick();
    await model.healthy(3);
    await expectHealthAction(model, model.units()[0] ?? '');
  });

  /** Units in the order in which their etcd was restarted since `since`. */
  const restarted = (since: string): string[] =>
    model
      .units()
      .flatMap((unit) =>
        model
          .steps(unit)
          .filter(({ time, step }) => time > since && step.kind === 'restart-etcd')
          .map(({ time }) => ({ time, unit })),
      )
      .sort((one, other) => (one.time < other.time ? -1 : 1))
      .map(({ unit }) => unit);

  /** Sets an option and waits until it is on every member. Gives the units in the order of their restarts, and who led before. */
  async function change(values: Record<string, number>): Promise<{ order: string[]; leader: string }> {
    const leader = await model.etcdLeader(port);
    const since = new Date().toISOString();
    const pids = await Promise.all(model.units().map((unit) => model.pid(unit)));
    await model.emulator.setConfig('etcd', values);
    await until(
      'every member was restarted',
      async () => {
        const now = await Promise.all(model.units().map((unit) => model.pid(unit)));
        return now.every((pid, index) => pid !== null && pid !== pids[index]);
      },
      { timeoutMs: 90_000, everyMs: 300 },
    );
    await model.healthy(3);
    return { order: restarted(since), leader };
  }

  check('a changed heartbeat: every member is restarted once, the leader last', async () => {
    const { order, leader } = await change({ heartbeat_interval: 120 });
    expect([...order].sort()).toEqual(model.units());
    expect(order.at(-1)).toBe(leader);
    for (const unit of model.units())
      expect(model.file(unit, '/etc/etcd/etcd.conf.yml')).toMatch(/^"?heartbeat-interval"?: 120$/m);
  });

  check('a changed client port: members, clients and firewall follow', async () => {
    endpoints = [...model.endpoints(), ...model.endpoints(2479)];
    await change({ port: 2479 });
    port = 2479;
    endpoints = model.endpoints(port);
    await expectOneCluster(model, port);
    for (const bag of Object.values(model.unitBags('db')))
      expect(bag['connection_string']).toBe(model.endpoints(port).join(','));
    for (const { ports } of model.lines()) expect([...ports].sort()).toEqual(['2380/tcp', '2479/tcp']);
  });

  check('a changed peer port', async () => {
    await change({ management_port: 2480 });
    await expectOneCluster(model, port);
    for (const list of await model.memberLists(port))
      expect(list.map(({ peerUrls }) => peerUrls[0] ?? '').sort()).toEqual(model.endpoints(2480).sort());
    for (const { ports } of model.lines()) expect([...ports].sort()).toEqual(['2479/tcp', '2480/tcp']);
  });

  check('a healthy cluster is left alone: update-status plans nothing and writes nothing', async () => {
    const look = async (): Promise<unknown> => ({
      steps: model.units().map((unit) => model.steps(unit).length),
      pids: await Promise.all(model.units().map((unit) => model.pid(unit))),
      bags: Object.values(model.emulator.world.relations).map(({ id, appBags, unitBags }) => ({
        id,
        appBags,
        unitBags,
      })),
    });
    const hooks = (): number =>
      model.emulator
        .journal()
        .filter(
          ({ event, unit, detail }) =>
            event === 'tool call' && unit?.startsWith('etcd/') && detail?.['hook'] === 'update-status',
        ).length;
    const before = structuredClone(await look());
    const ran = hooks();
    for (let round = 0; round < 2; round += 1) await tick();
    expect(hooks()).toBeGreaterThan(ran);
    expect(await look()).toEqual(before);
  });

  check('removal of the unit that leads etcd and Juju', async () => {
    const leader = await model.etcdLeader(port);
    model.emulator.controller.moveLeader('etcd', leader);
    await model.emulator.settle();
    expect(model.lines().find(({ unit }) => unit === leader)).toMatchObject({ leader: true });
    await model.emulator.removeUnit(leader);
    await model.healthy(2, { timeoutMs: 60_000 });
    expect(model.units()).not.toContain(leader);
    endpoints = model.endpoints(port);
    await expectOneCluster(model, port);
    const bags = Object.values(model.unitBags('db'));
    expect(bags.map((bag) => bag['connection_string'])).toEqual(
      Array.from({ length: 2 }, () => model.endpoints(port).join(',')),
    );
  });
});
