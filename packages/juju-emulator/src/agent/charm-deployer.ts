import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listCharm, unpackCharm } from './charm-archive';

/** Deploys a charm into a unit's charm directory: removes what only the old archive had, then unpacks over it. */
export async function deployCharm(path: string, target: string, manifest: string, revision: number): Promise<void> {
  const old = JSON.parse(await readFile(manifest, 'utf8').catch(() => '[]')) as string[];
  const fresh = await listCharm(path);
  for (const name of old) if (!fresh.includes(name)) await rm(join(target, name), { recursive: true, force: true });
  await unpackCharm(path, target);
  await writeFile(join(target, 'revision'), String(revision));
  await mkdir(dirname(manifest), { recursive: true });
  await writeFile(manifest, JSON.stringify(fresh));
}
