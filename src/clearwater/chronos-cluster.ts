import type { NodeState } from './node-state';
import { Description, type Described } from './described-cluster';

const states: Readonly<Record<string, NodeState>> = { node: 'normal', joining: 'joining', leaving: 'leaving' };

/** /etc/chronos/chronos_cluster.conf (chronos, doc/clustering.md): `node`, `joining` and `leaving` lines; other names are the node's own. */
export function parseChronosCluster(text: string): Described {
  const description = new Description(text);
  for (const [row, line] of description.rows()) {
    const content = row.trim();
    if (content === '' || /^[#;]/.test(content) || /^\[[^\]]*\]$/.test(content)) continue;
    const at = content.indexOf('=');
    if (at < 0) {
      description.wrong(line, 'there is no "=" in it');
      continue;
    }
    const state = states[content.slice(0, at).trim()];
    if (state !== undefined) description.node(content.slice(at + 1).trim(), state, line);
  }
  return description.done();
}
