import { isIP } from 'node:net';
import { Description, type Described } from './described-cluster';

/** `10.0.0.1:11211`, `[::1]:11211`, or without a port, as operators write it by hand. */
function addressOf(server: string): string {
  if (isIP(server) !== 0) return server;
  const host = server.replace(/:\d+$/, '');
  return /^\[(.*)\]$/.exec(host)?.[1] ?? host;
}

/**
 * /etc/clearwater/cluster_settings and remote_cluster_settings: `servers` has all but those that join, `new_servers` all but those
 * that leave, and is missing where both would be the same. (load_from_memcached_cluster took a node on both lists for joining.)
 */
export function parseMemcachedCluster(text: string): Described {
  const description = new Description(text);
  const lists: Record<
    'servers' | 'new_servers',
    { readonly servers: ReadonlySet<string>; readonly line: number } | null
  > = {
    servers: null,
    new_servers: null,
  };
  for (const [row, line] of description.rows()) {
    const content = row.trim();
    if (content === '' || content.startsWith('#')) continue;
    const at = content.indexOf('=');
    if (at < 0) {
      description.wrong(line, 'there is no "=" in it');
      continue;
    }
    const name = content.slice(0, at).trim();
    if (name !== 'servers' && name !== 'new_servers') continue;
    const before = lists[name];
    if (before !== null) {
      description.wrong(line, `${name} is given twice, first on line ${before.line}`);
      continue;
    }
    const value = content.slice(at + 1).trim();
    const servers = value === '' ? [] : value.split(',').map((server) => addressOf(server.trim()));
    lists[name] = { servers: new Set(servers), line };
  }
  const { servers, new_servers: later } = lists;
  if (servers === null) description.wrong(null, 'there is no line "servers="');
  for (const address of servers?.servers ?? []) {
    const leaves = later !== null && !later.servers.has(address);
    description.node(address, leaves ? 'leaving' : 'normal', servers?.line ?? 1);
  }
  for (const address of later?.servers ?? [])
    if (servers?.servers.has(address) !== true) description.node(address, 'joining', later?.line ?? 1);
  return description.done();
}
