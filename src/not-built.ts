import type { HookEvent } from '@juju/charm-helpers-ts';

/** Endpoints of the Python charm that this version does not serve yet. */
const endpoints: readonly string[] = ['proxy', 'prometheus', 'grafana', 'nrpe-external-master'];

/** The line for whoever relates or attaches what is declared and not built; null where there is nothing to say. */
export function notBuiltLine(event: HookEvent): string | null {
  if (event.kind === 'relation-created' && endpoints.includes(event.endpoint)) {
    return (
      `The endpoint ${event.endpoint} is not built yet in this version of the charm: ${event.remoteApplication} gets nothing from it. ` +
      `Remove the relation, or leave it for a later version; etcd is not affected.`
    );
  }
  if (event.kind === 'storage-attached') {
    return (
      `Storage "${event.storageId}" is attached, and storage is not built yet in this version of the charm: it stays untouched and unused, ` +
      `data are on the machine's disk. Deploy without --storage, or leave it for a later version.`
    );
  }
  return null;
}
