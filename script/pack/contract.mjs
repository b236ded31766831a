import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const everyCharm = [
  'config-changed',
  'install',
  'leader-elected',
  'leader-settings-changed',
  'post-series-upgrade',
  'pre-series-upgrade',
  'remove',
  'secret-changed',
  'secret-expired',
  'secret-remove',
  'secret-rotate',
  'start',
  'stop',
  'update-status',
  'upgrade-charm',
];
const perEndpoint = ['created', 'joined', 'changed', 'departed', 'broken'];
const perStorage = ['attached', 'detaching'];

/**
 * All hook names that Juju 2.9 to 4.x may run for a charm with this metadata, sorted.
 * @param {{ provides?: object, requires?: object, peers?: object, storage?: object }} metadata metadata.yaml as parsed
 * @returns {string[]}
 */
export function hookNames(metadata) {
  const endpoints = [metadata.provides, metadata.requires, metadata.peers].flatMap((group) => Object.keys(group ?? {}));
  const stores = Object.keys(metadata.storage ?? {});
  return [
    ...everyCharm,
    ...endpoints.flatMap((name) => perEndpoint.map((kind) => `${name}-relation-${kind}`)),
    ...stores.flatMap((name) => perStorage.map((kind) => `${name}-storage-${kind}`)),
  ].sort();
}

/**
 * What a charm's yaml files say, as far as packing needs it. metadata.yaml must be there, the others may be missing.
 * @param {string} charmDir
 * @returns {Promise<{ name: string, hooks: string[], actions: string[], files: Map<string, Buffer> }>}
 */
export async function readContract(charmDir) {
  const files = new Map();
  for (const name of ['metadata.yaml', 'config.yaml', 'actions.yaml']) {
    const content = await readFile(join(charmDir, name)).catch((cause) => {
      if (cause.code === 'ENOENT' && name !== 'metadata.yaml') return undefined;
      throw cause;
    });
    if (content !== undefined) files.set(name, content);
  }
  const metadata = parse(files.get('metadata.yaml').toString());
  const actions = Object.keys(parse(files.get('actions.yaml')?.toString() ?? '') ?? {}).sort();
  return { name: metadata.name, hooks: hookNames(metadata), actions, files };
}

/**
 * The bases that charmcraft.yaml lists, cut down to one architecture, in the form of a packed charm's manifest.yaml.
 * @param {string} charmcraftFile
 * @param {string} arch
 * @returns {Promise<{ name: string, channel: string, architectures: string[] }[]>}
 */
export async function readBases(charmcraftFile, arch) {
  const charmcraft = parse(await readFile(charmcraftFile, 'utf8'));
  const bases = charmcraft.bases.flatMap((base) => base['run-on']).filter((base) => base.architectures.includes(arch));
  if (bases.length === 0) throw new Error(`${charmcraftFile} lists no base for ${arch}`);
  return bases.map((base) => ({ name: base.name, channel: String(base.channel), architectures: [arch] }));
}
