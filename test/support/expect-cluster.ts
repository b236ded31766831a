import { memberStatus, type ListedMember } from './gateway-client';
import type { EtcdModel } from './etcd-model';

/** Name of a unit's member: `etcd0` for `etcd/0`. */
const memberOf = (unit: string): string => unit.replace('/', '');

const byName = (one: ListedMember, other: ListedMember): number => one.name.localeCompare(other.name);

/**
 * Each unit's member lists the same started voters, one for each unit; all are of one cluster, and at one revision all
 * hold the same keys. What `juju status` says is checked by the caller's `healthy`.
 */
export async function expectOneCluster(model: EtcdModel, port = 2379): Promise<void> {
  const units = model.units();
  const lists = await model.memberLists(port);
  const expected = units.map((unit) => ({
    name: memberOf(unit),
    learner: false,
    clientUrls: [model.endpoint(unit, port)],
  }));
  for (const list of lists)
    expect([...list].sort(byName).map(({ name, learner, clientUrls }) => ({ name, learner, clientUrls }))).toEqual(
      [...expected].sort((one, other) => one.name.localeCompare(other.name)),
    );
  const tls = model.clientTls();
  const statuses = await Promise.all(model.endpoints(port).map((endpoint) => memberStatus(endpoint, tls)));
  expect(new Set(statuses.map(({ clusterId }) => clusterId)).size).toBe(1);
  const hashes = await model.hashes(port);
  expect(hashes).toHaveLength(units.length);
  expect(new Set(hashes).size).toBe(1);
}

/** `etcdctl member list` on a unit's own machine: every line says `started` and is no learner. */
export async function expectEtcdctlLists(model: EtcdModel, unit: string, members: number): Promise<void> {
  const pki = '/etc/etcd/pki';
  const { code, stdout, stderr } = await model.run(
    unit,
    `ETCDCTL_API=3 /opt/etcd/current/etcdctl --endpoints ${model.endpoint(unit)} --cacert ${pki}/ca.crt ` +
      `--cert ${pki}/client.crt --key ${pki}/client.key member list`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(members);
  for (const line of lines) expect(line).toMatch(/^[0-9a-f]+, started, etcd\d+, https:.*, https:.*, false$/);
}

/** The `health` action of a unit says that all is well, member by member. */
export async function expectHealthAction(model: EtcdModel, unit: string): Promise<void> {
  const task = await model.emulator.runAction(unit, 'health');
  expect({ status: task.status, message: task.message }).toEqual({ status: 'completed', message: '' });
  const output = String(task.results['output']);
  expect(output.trim().split('\n').at(-1)).toBe('cluster is healthy');
  for (const each of model.units()) expect(output).toContain(each);
  expect(output.match(/\bleader\b/g)).toHaveLength(1);
  expect(output.match(/\bfollower\b/g) ?? []).toHaveLength(model.units().length - 1);
}
