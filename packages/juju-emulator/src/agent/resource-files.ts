import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Machine } from '../machines/machine';
import { charmOf, unitOf } from '../model';
import type { WorldStore } from '../store/world-store';
import { UniterApiError } from '../tools';
import { agentPaths } from './agent-paths';

/** Puts an attached resource's file on the unit's machine, once for each revision. Returns its path there. */
export async function downloadResource(
  store: WorldStore,
  machine: Machine,
  unit: string,
  name: string,
): Promise<string> {
  const application = store.world.applications[unitOf(store.world, unit).application];
  const resource = application?.resources[name];
  if (application === undefined || resource === undefined)
    throw new UniterApiError('not-found', 'GetResource', `resource "${name}" not found`);
  const declared = charmOf(store.world, application.name).spec.resources[name]?.filename ?? '';
  const file = join(
    agentPaths(machine.jujuDir, unit).resources,
    name,
    declared === '' ? basename(resource.path) : declared,
  );
  const onHost = machine.hostPath(file);
  const stamp = `${onHost}.revision`;
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== String(resource.revision)) {
    await mkdir(join(onHost, '..'), { recursive: true });
    await copyFile(resource.path, onHost);
    await writeFile(stamp, String(resource.revision));
  }
  return file;
}
