import type { World } from '../model';
import { deploy, emptyWorld, integrate, machineStarted, parseCharm, uploadCharm } from '../model';

/** What the recordings of the controller's answers were made on: three applications, two of them related. */
const charms: Readonly<Record<string, { metadata: string; config?: string; units: number }>> = {
  myapp: {
    units: 2,
    metadata: `
peers: {cluster: {interface: cluster}}
provides: {website: {interface: http}}
requires: {db: {interface: pgsql}}
`,
    config: `options:
  big: {type: int, default: 1000000}
  empty: {type: string, default: ""}
  name: {type: string, default: hello}
  nodef: {type: string}
  nodef-int: {type: int}
  "on": {type: boolean, default: true}
  port: {type: int, default: 8080}
  ratio: {type: float, default: 2.5}
  sec: {type: secret}
`,
  },
  postgresql: { units: 2, metadata: 'provides: {db: {interface: pgsql}}\n' },
  stranger: { units: 1, metadata: 'provides: {other: {interface: other}}\n' },
};

/** The world before the first line. Nobody is in a relation's scope yet. */
export function serverWorld(now: string): World {
  const world = emptyWorld({ modelName: 'recorded', modelUuid: '00000000-0000-4000-8000-000000000000', seed: 1 });
  let host = 10;
  for (const [name, { metadata, config, units }] of Object.entries(charms)) {
    const spec = parseCharm({
      metadata: `name: ${name}\nsummary: ${name}\ndescription: ${name}\n${metadata}`,
      config,
      actions: undefined,
    });
    const { url } = uploadCharm(world, spec, '/');
    const request = { application: name, charmUrl: url, units, base: 'ubuntu@24.04', channel: '', trust: false };
    deploy(world, { ...request, settings: {}, resources: {}, placement: [] }, now);
  }
  for (const id of Object.keys(world.machines)) {
    const address = `10.0.0.${String(host)}`;
    host += 1;
    const card = { macAddress: '00:16:3e:00:00:00', interfaceName: 'eth0' };
    machineStarted(world, id, { hostname: address, address, cidr: '10.0.0.0/24', ...card }, now);
  }
  integrate(world, 'myapp:db', 'postgresql:db', now);
  return world;
}
