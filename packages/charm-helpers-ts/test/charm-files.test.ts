import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CharmFileError, parseActionSpecs, parseConfigSpec, parseMetadata, typedConfig, withDefaults } from '../src';
import { charmUnderTest } from '../src/testing';

describe('metadata.yaml', () => {
  it('is read into endpoints, storage and resources', async () => {
    const metadata = await parseMetadata(`
name: app
summary: s
provides: {website: http}
requires: {db: {interface: pgsql, limit: 1, optional: true}}
peers: {ring: {interface: ring}}
storage: {data: {type: block, multiple: {range: 0-1}}}
resources: {core: {type: file, filename: core.tgz}}
`);
    expect(metadata.endpoints).toEqual({
      website: { name: 'website', role: 'provides', interface: 'http', scope: 'global', limit: null, optional: false },
      db: { name: 'db', role: 'requires', interface: 'pgsql', scope: 'global', limit: 1, optional: true },
      ring: { name: 'ring', role: 'peers', interface: 'ring', scope: 'global', limit: null, optional: false },
    });
    expect(metadata.storage['data']).toEqual({ name: 'data', type: 'block', location: null, range: '0-1' });
    expect(metadata.resources['core']?.filename).toBe('core.tgz');
  });

  it.each([
    ['summary: no name', 'name is missing'],
    ['name: a\nprovides: {x: {limit: 1}}', 'endpoint x has no interface'],
    ['name: a\nprovides: {x: i}\nrequires: {x: i}', 'endpoint x is there twice'],
    ['name: a\nstorage: {d: {type: tape}}', 'storage d has the unknown type tape'],
    ['- a list', 'must be a map'],
    ['a: [', 'is not YAML'],
  ])('%j is refused', async (text, words) => {
    await expect(parseMetadata(text)).rejects.toThrow(words);
    await expect(parseMetadata(text)).rejects.toBeInstanceOf(CharmFileError);
  });
});

describe('config.yaml', () => {
  it('is read with types and defaults', async () => {
    const spec = await parseConfigSpec('options: {port: {type: int, default: 80}, name: {type: string}}');
    expect([spec['port']?.default, spec['name']?.default]).toEqual([80, null]);
  });

  it.each(['options: {a: {type: tuple}}', 'options: {a: {type: int, default: "x"}}'])('%j is refused', async (text) => {
    await expect(parseConfigSpec(text)).rejects.toBeInstanceOf(CharmFileError);
  });

  it('gives typed values, and tells where charm and config.yaml disagree', () => {
    const config: { readonly port: number | null; readonly name: string | null } = typedConfig(
      { port: 80, name: null },
      { port: 'number', name: 'string' },
    );
    expect(config).toEqual({ port: 80, name: null });
    expect(() => typedConfig({ port: 'x' }, { port: 'number' })).toThrow('config option port should be a number');
    expect(() => typedConfig({}, { port: 'number' })).toThrow('no such option');
  });
});

describe('actions.yaml', () => {
  it('is read, and fills in defaults', async () => {
    const specs = await parseActionSpecs(
      'backup: {params: {to: {type: string, default: /srv}, n: {type: integer}}, required: [n]}',
    );
    const spec = specs['backup'];
    expect(spec?.required).toEqual(['n']);
    expect(spec === undefined ? null : withDefaults(spec, { n: 1 })).toEqual({ to: '/srv', n: 1 });
  });

  it.each(['juju-x: {}', 'Bad_Name: {}'])('%j is refused', async (text) => {
    await expect(parseActionSpecs(text)).rejects.toBeInstanceOf(CharmFileError);
  });
});

describe('charmUnderTest', () => {
  it('reads a directory, where config.yaml and actions.yaml may be missing and metadata.yaml may not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'charm-'));
    try {
      await expect(charmUnderTest(directory, () => Promise.resolve())).rejects.toThrow('has no metadata.yaml');
      await writeFile(join(directory, 'metadata.yaml'), 'name: app\nsummary: s\ndescription: d\n');
      const charm = await charmUnderTest(directory, () => Promise.resolve());
      expect([charm.metadata.name, charm.config, charm.actions]).toEqual(['app', {}, {}]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
