import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Machine } from '../machines/machine';
import { charmOf, resourceFetched, unitOf } from '../model';
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
  const filename = declared === '' ? basename(resource.path) : declared;
  const { base, resources } = agentPaths(machine.jujuDir, unit);
  const file = join(resources, filename);
  const onHost = machine.hostPath(file);
  // Resources that declare the same file name take each other's place, as in Juju's layout: the stamp says whose content it is.
  const stamp = machine.hostPath(join(base, 'state', 'resources', filename));
  const content = `${name} ${String(resource.revision)}`;
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== content) {
    await Promise.all([onHost, stamp].map((path) => mkdir(dirname(path), { recursive: true })));
    await copyFile(resource.path, onHost);
    await writeFile(stamp, content);
    store.change((world) => resourceFetched(world, unit, name, resource));
  }
  return file;
}
