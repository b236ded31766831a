import { Description, type Described } from './described-cluster';

/**
 * What `nodetool describecluster` prints. All nodes of its one schema version are normal; a second version, or nodes that it could not
 * reach, are a fault: the cluster has to be healthy first. (load_from_cassandra_cluster took the first version and left the others out.)
 */
export function parseCassandraCluster(text: string): Described {
  const description = new Description(text);
  let listing = false;
  let version: number | null = null;
  for (const [row, line] of description.rows()) {
    const content = row.trim();
    if (/^Schema versions:$/i.test(content)) {
      listing = true;
      continue;
    }
    if (!listing || content === '') continue;
    const [, name, addresses] = /^([^\s:]+)\s*:\s*\[([^\]]*)\]$/.exec(content) ?? [];
    if (name === undefined || addresses === undefined) {
      if (version === null) description.wrong(line, 'it is not "<schema version>: [<addresses>]"');
      // What newer versions print below the schema versions.
      listing = false;
      continue;
    }
    if (name.toUpperCase() === 'UNREACHABLE') {
      description.wrong(
        line,
        'Cassandra does not reach these nodes: start them, or remove them from its cluster (nodetool removenode), first',
      );
    } else if (version !== null) {
      description.wrong(
        line,
        `a second schema version, the first is on line ${version}: Cassandra must be healthy first`,
      );
    } else {
      version = line;
      for (const address of addresses.split(',')) description.node(address.trim(), 'normal', line);
    }
  }
  if (version === null) description.wrong(null, 'it has no schema version');
  return description.done();
}
