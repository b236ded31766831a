import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

function sourceFiles(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(directory, name));
}

/** Every file below a path, or the one that it is. */
function allFiles(path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** Every module that a file names in an import, export-from, dynamic import or require. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
}

/** The file or package that an import means: repository-relative for relative imports, else the bare name. */
function target(file: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier;
}

/** Folder -> what nothing in it may import. Imports point downwards only (docs/explanation/architecture.md). */
const forbidden: Record<string, RegExp> = {
  'src/domain': /^(node:|src\/(?!domain\/)|packages\/|@juju\/|execa|etcd3|node-forge|yaml|tar|valibot)/,
  'src/ports': /^(src\/(observe|execute|reactive|actions|main)|packages\/juju-emulator|juju-emulator|charms\/|test\/)/,
  'src/gate':
    /^(src\/(observe|execute|reactive|actions|main|charm|wiring)|@juju\/|packages\/|juju-emulator|charms\/|test\/)/,
  'src/backup':
    /^(src\/(observe|execute|reactive|actions|main|charm|wiring|gate)|@juju\/|packages\/|juju-emulator|charms\/|test\/)/,
  'src/clearwater':
    /^(src\/(observe|execute|reactive|actions|main|charm|wiring|gate|backup)|@juju\/|packages\/|juju-emulator|charms\/|test\/)/,
  'src/mirror':
    /^(src\/(observe|execute|reactive|actions|main|charm|wiring|gate|backup)|@juju\/|packages\/|juju-emulator|charms\/|test\/)/,
  'src/standby':
    /^(src\/(observe|execute|reactive|actions|main|charm|wiring|gate|backup|mirror)|@juju\/|packages\/|juju-emulator|charms\/|test\/)/,
  'src/observe': /^(src\/(execute|reactive|actions|main)|juju-emulator|charms\/|test\/)/,
  'src/execute': /^(src\/(observe|reactive|actions|main)|juju-emulator|charms\/|test\/)/,
  'src/reactive': /^(node:|src\/(observe|execute|actions|ports|main)|juju-emulator|charms\/|test\/)/,
  'packages/charm-helpers-ts/src': /^(src\/|charms\/|juju-emulator|etcd3|\.\.\/\.\.\/\.\.\/src)/,
  'packages/juju-emulator/src': /^(src\/|charms\/|@juju\/charm-helpers-ts|etcd3)/,
  'packages/juju-emulator/src/model':
    /^(node:|packages\/juju-emulator\/src\/(agent|machines|controller|cli|tools|wire))/,
  'packages/juju-emulator/src/uniter':
    /^(node:|packages\/juju-emulator\/src\/(agent|machines|controller|cli|tools|wire))/,
  charms: /^(src\/|juju-emulator|packages\/juju-emulator)/,
};

describe('imports point downwards only', () => {
  for (const [folder, pattern] of Object.entries(forbidden)) {
    test(folder, () => {
      const files = sourceFiles(folder).filter((file) => folder !== 'charms' || file.includes('/src/'));
      expect(files.length).toBeGreaterThan(0);
      const wrong = files.flatMap((file) =>
        importsOf(file)
          .map((specifier) => ({ file, imports: target(file, specifier) }))
          .filter(({ imports }) => pattern.test(imports)),
      );
      expect(wrong).toEqual([]);
    });
  }
});

describe('what must not be known where', () => {
  test('the shim and the emulator have no word of etcd, the emulator none of the shim', () => {
    const emulator = ['src', 'native', 'bin', 'test', 'package.json', 'README.md'].flatMap((path) =>
      allFiles(join('packages/juju-emulator', path)),
    );
    const shim = ['src', 'package.json'].flatMap((path) => allFiles(join('packages/charm-helpers-ts', path)));
    const text = (file: string): string => readFileSync(join(root, file), 'utf8');
    expect(shim.length).toBeGreaterThan(0);
    expect(shim.filter((file) => /etcd|easyrsa/i.test(text(file)))).toEqual([]);
    expect(emulator.length).toBeGreaterThan(100);
    // It types what documents of charms tell operators to type; those are about etcd.
    const typesDocuments = 'packages/juju-emulator/test/cli/seeds.test.ts';
    const knowing = emulator.filter((file) => /etcd|easyrsa|charm-?helpers/i.test(text(file)));
    expect(knowing.filter((file) => file !== typesDocuments)).toEqual([]);
  });

  test('no product code reads the recordings', () => {
    const files = ['src', 'packages/charm-helpers-ts/src', 'packages/juju-emulator/src', 'charms'].flatMap(sourceFiles);
    const reading = files.filter(
      (file) => !file.includes('/test/') && /golden\//.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(reading).toEqual([]);
  });

  test('jest.mock is not used', () => {
    const files = ['test', 'packages', 'charms'].flatMap(sourceFiles).filter((file) => !file.includes('node_modules'));
    const name = ['jest', 'mock'].join('.');
    expect(files.filter((file) => readFileSync(join(root, file), 'utf8').includes(`${name}(`))).toEqual([]);
  });
});
