import { execFile, type ExecFileOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { readZip, unpackZip, type ZipFile } from './support/zip';

jest.setTimeout(300_000);

const execute = promisify(execFile);
/** A program that hangs fails the test that started it. */
const run = (program: string, args: readonly string[], options: ExecFileOptions = {}) =>
  execute(program, args, { timeout: 120_000, ...options, encoding: 'utf8' });
const repo = resolve(__dirname, '..', '..');
const archs = ['amd64', 'arm64'] as const;
const charms: Readonly<Record<string, string>> = {
  etcd: '.',
  easyrsa: 'charms/easyrsa',
  'local-ca': 'charms/local-ca',
  'etcd-client': 'charms/etcd-client',
};
const qemu = ['/usr/bin/qemu-aarch64-static', '/usr/bin/qemu-aarch64'].find((path) => existsSync(path));
const thisArch = process.arch === 'arm64' ? 'arm64' : 'amd64';

let dir = '';
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pack-'));
  await pack(dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Packs all charms for both architectures. The Node runtimes come from the repository's cache. */
async function pack(out: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  await run('node', ['script/pack.mjs', '--out', out], { cwd: repo, env: { ...process.env, ...env } });
}

const packed = (charm: string, arch: string, from = dir): string =>
  join(from, `${charm}_ubuntu-22.04-24.04-26.04-${arch}.charm`);

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const contents = new Map<string, Promise<ReadonlyMap<string, ZipFile>>>();

function contentOf(charm: string, arch: string): Promise<ReadonlyMap<string, ZipFile>> {
  const path = packed(charm, arch);
  const reading = contents.get(path) ?? readZip(path).then((files) => new Map(files.map((file) => [file.path, file])));
  contents.set(path, reading);
  return reading;
}

const keysOf = (value: unknown): string[] => Object.keys(value ?? {});

/** The hooks that Juju runs for a charm, from what its metadata declares. */
function hooksOf(metadata: Readonly<Record<string, unknown>>): string[] {
  const relations = [metadata['provides'], metadata['requires'], metadata['peers']].flatMap(keysOf);
  const kinds = ['created', 'joined', 'changed', 'departed', 'broken'];
  return [
    ...['install', 'start', 'config-changed', 'update-status', 'upgrade-charm', 'leader-elected', 'stop', 'remove'],
    ...relations.flatMap((name) => kinds.map((kind) => `${name}-relation-${kind}`)),
    ...keysOf(metadata['storage']).flatMap((name) => [`${name}-storage-attached`, `${name}-storage-detaching`]),
  ];
}

const cases = Object.keys(charms).flatMap((charm) => archs.map((arch) => [charm, arch] as const));

describe.each(cases)('%s for %s', (charm, arch) => {
  const source = join(repo, charms[charm] ?? '');
  const sourceYaml = (name: string): Readonly<Record<string, unknown>> => {
    const path = join(source, name);
    return existsSync(path) ? ((parse(readFileSync(path, 'utf8')) ?? {}) as Record<string, unknown>) : {};
  };

  test('is a zip that unzip finds no fault in', async () => {
    const { stdout } = await run('unzip', ['-tq', packed(charm, arch)]);
    expect(stdout).toContain('No errors detected');
  });

  test('has a launcher for every hook and action, and they alone are executable, besides dispatch and node', async () => {
    const files = await contentOf(charm, arch);
    const launchers = [
      ...hooksOf(sourceYaml('metadata.yaml')).map((name) => `hooks/${name}`),
      ...keysOf(sourceYaml('actions.yaml')).map((name) => `actions/${name}`),
    ];
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([...launchers, 'dispatch', 'bin/node', 'charm.cjs', 'launch.cjs']),
    );
    for (const [path, { mode }] of files) {
      const executable = /^(hooks|actions)\/|^dispatch$|^bin\/node$/.test(path);
      expect([path, mode.toString(8)]).toEqual([path, executable ? '100755' : '100644']);
    }
  });

  test('carries its own yaml files unchanged, a version and the licences', async () => {
    const files = await contentOf(charm, arch);
    for (const name of ['metadata.yaml', 'config.yaml', 'actions.yaml']) {
      const path = join(source, name);
      expect(files.get(name)?.content?.toString()).toBe(existsSync(path) ? readFileSync(path, 'utf8') : undefined);
    }
    expect(files.get('version')?.content?.toString()).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}\n$/);
    expect(files.get('LICENSE')?.content?.toString()).toContain('Apache License');
    expect(files.get('bin/LICENSE.node')?.content?.toString()).toContain('Node.js is licensed');
  });

  test('names its bases and architecture in manifest.yaml', async () => {
    const manifest = parse((await contentOf(charm, arch)).get('manifest.yaml')?.content?.toString() ?? '') as unknown;
    expect(manifest).toMatchObject({
      bases: ['22.04', '24.04', '26.04'].map((channel) => ({ name: 'ubuntu', channel, architectures: [arch] })),
    });
  });

  test('carries a Node of that architecture', async () => {
    const node = (await contentOf(charm, arch)).get('bin/node')?.content ?? Buffer.alloc(0);
    // ELF header: magic, 64 bits, little endian; e_machine at 18: 0x3e is x86-64, 0xb7 is AArch64.
    expect(node.subarray(0, 6).toString('hex')).toBe('7f454c460201');
    expect(node.readUInt16LE(18)).toBe(arch === 'arm64' ? 0xb7 : 0x3e);
  });
});

describe.each(Object.keys(charms))('%s', (charm) => {
  test('has the same files for both architectures', async () => {
    const [amd64, arm64] = await Promise.all(archs.map((arch) => contentOf(charm, arch)));
    expect([...(arm64?.keys() ?? [])]).toEqual([...(amd64?.keys() ?? [])]);
    expect(arm64?.get('charm.cjs')?.content?.equals(amd64?.get('charm.cjs')?.content ?? Buffer.alloc(0))).toBe(true);
  });

  test('starts by dispatch on a machine without Node, from any directory', async () => {
    const charmDir = join(dir, `${charm}-unpacked`);
    await unpackZip(packed(charm, thisArch), charmDir);
    // Nothing at all is in PATH: neither Node nor anything else that dispatch might lean on.
    const path = { env: { PATH: join(dir, 'nothing') }, cwd: '/' };
    const first = await run(join(charmDir, 'dispatch'), ['--self-test'], path);
    expect(first.stdout).toMatch(/\b(ok|passed)\b/);
    // As a hook of an old Juju, which goes by the hook's name; there is no Juju here, and the charm says so.
    await expect(run(join(charmDir, 'hooks', 'install'), [], path)).rejects.toMatchObject({
      stderr: expect.stringContaining('not a Juju hook environment') as string,
    });
  });

  test('keeps the code of earlier hooks, does without where it cannot, and never takes what is damaged', async () => {
    const charmDir = join(dir, `${charm}-unpacked`);
    const hook = async (name: string): Promise<unknown> =>
      run(join(charmDir, 'hooks', name), [], { env: {}, cwd: '/' }).catch((error: unknown) => error);
    // There is no Juju here, and the charm says so with an exit status of its own.
    const said = { code: 1, signal: null, stderr: expect.stringContaining('not a Juju hook environment') as string };
    const code = join(charmDir, '.cache', 'code', 'hooks');
    rmSync(join(charmDir, '.cache'), { recursive: true, force: true });
    expect(await hook('install')).toMatchObject(said);
    const kept = readFileSync(code);
    const [from, to] = [Math.floor(kept.length / 3), Math.floor(kept.length / 2)];
    expect(await hook('install')).toMatchObject(said);
    expect(readFileSync(code).equals(kept)).toBe(true);
    writeFileSync(code, Buffer.from(kept).fill(0, from, to));
    expect(await hook('install')).toMatchObject(said);
    const anew = readFileSync(code).subarray(from, to);
    expect(anew.every((byte) => byte === 0)).toBe(false);
    // No directory can be made below a file, not even by root.
    rmSync(join(charmDir, '.cache'), { recursive: true });
    writeFileSync(join(charmDir, '.cache'), '');
    expect(await hook('install')).toMatchObject(said);
  });

  test('its bundle starts on Node 20 and newer', async () => {
    const charmDir = join(dir, `${charm}-for-other-nodes`);
    cpSync(join(dir, `${charm}-unpacked`, 'charm.cjs'), join(charmDir, 'charm.cjs'));
    const { stdout } = await run(process.execPath, [join(charmDir, 'charm.cjs'), '--self-test']);
    expect(stdout).toMatch(/\b(ok|passed)\b/);
  });

  const withQemu = qemu === undefined ? test.skip : test;
  if (qemu === undefined) console.warn('SKIPPED: no qemu-aarch64-static (apt-get install qemu-user-static)');
  withQemu('its arm64 package passes its self-test under qemu', async () => {
    const charmDir = join(dir, `${charm}-arm64`);
    await unpackZip(packed(charm, 'arm64'), charmDir);
    const libraries = armLibraries();
    if (libraries === null) {
      // Without an arm64 C library the dynamic loader is missing; the ELF header and file list were checked above.
      console.warn(
        'SKIPPED in part: no arm64 C library for qemu (apt-get install libc6-arm64-cross libstdc++6-arm64-cross)',
      );
      expect(statSync(join(charmDir, 'bin', 'node')).mode & 0o111).not.toBe(0);
      return;
    }
    const { stdout } = await run(qemu ?? '', [
      '-L',
      libraries,
      join(charmDir, 'bin', 'node'),
      join(charmDir, 'charm.cjs'),
      '--self-test',
    ]);
    expect(stdout).toMatch(/\b(ok|passed)\b/);
  });
});

/** Where Debian's cross packages have the arm64 C and C++ libraries that Node is linked to. */
function armLibraries(): string | null {
  const root = '/usr/aarch64-linux-gnu';
  return existsSync(join(root, 'lib', 'ld-linux-aarch64.so.1')) && existsSync(join(root, 'lib', 'libstdc++.so.6'))
    ? root
    : null;
}

describe('packing', () => {
  test('twice gives the same bytes, in another directory, time zone and locale', async () => {
    const again = join(dir, 'again');
    await pack(again, { TZ: 'Pacific/Auckland', LC_ALL: 'C' });
    for (const [charm, arch] of cases) {
      expect([charm, arch, sha256(packed(charm, arch, again))]).toEqual([charm, arch, sha256(packed(charm, arch))]);
    }
  });

  test('leaves a package alone that is up to date, and replaces one that was damaged', async () => {
    const path = packed('easyrsa', 'amd64');
    const good = sha256(path);
    const { mtimeMs } = statSync(path);
    await pack(dir);
    expect(statSync(path).mtimeMs).toBe(mtimeMs);
    await run('truncate', ['--size', '1000', path]);
    await pack(dir);
    expect(sha256(path)).toBe(good);
  });

  test('names the charms it knows when asked for another', async () => {
    await expect(run('node', ['script/pack.mjs', 'nonesuch'], { cwd: repo })).rejects.toMatchObject({
      stderr: expect.stringContaining('etcd, easyrsa, local-ca, etcd-client') as string,
    });
  });
});
