import { readFileSync } from 'node:fs';
import { jujuTools, toolsOf } from '../../src/tools/registry';
import { goldenFile } from './golden-files';

describe('the hook tools', () => {
  const layout = goldenFile('controller/machine-layout.txt');
  (layout === undefined ? it.skip : it)('are those in the tools directory of a recorded machine', () => {
    const text = readFileSync(layout ?? '', 'utf8');
    const linked = [...text.matchAll(/ ([a-z0-9-]+) -> \S*\/jujuc$/gm)].map(([, name]) => name);
    expect([...jujuTools.keys()].sort()).toEqual([...new Set(linked)].sort());
  });

  it('of Juju 3.6 are these and the leadership settings', () => {
    const more = [...toolsOf('3.6.0').keys()].filter((name) => !jujuTools.has(name));
    expect(more.sort()).toEqual(['leader-get', 'leader-set']);
    expect(toolsOf('4.1-beta2')).toBe(jujuTools);
  });
});
