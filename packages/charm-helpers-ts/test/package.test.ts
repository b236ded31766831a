import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(__dirname, '..');

describe('the package', () => {
  it('loads no parser and nothing of the testing kit with its main entry: a hook pays for every module', async () => {
    const { metafile } = await build({
      entryPoints: [join(root, 'src/index.ts')],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      splitting: true,
      outdir: join(root, 'dist'),
      absWorkingDir: root,
    });
    const entry = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === 'src/index.ts');
    const loaded = new Set<string>();
    const load = (path: string): void => {
      const output = metafile.outputs[path];
      if (output === undefined || loaded.has(path)) return;
      loaded.add(path);
      for (const one of output.imports) if (one.kind === 'import-statement') load(one.path);
    };
    load(entry?.[0] ?? '');
    const inputs = [...loaded].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
    expect(inputs).toContain('src/dispatch.ts');
    expect(inputs.filter((path) => /yaml\/|src\/testing/.test(path))).toEqual([]);
  });

  it('shows in its README the charm that is tested', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(readme).toContain(readFileSync(join(__dirname, 'fixtures/ten-line-charm.ts'), 'utf8'));
  });
});
