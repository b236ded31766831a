import type { ContextSubject } from './context-subject';

/** The name in a context id, and the executable's name under hooks/ or actions/: `db-relation-changed`, `install`, `backup`. */
export function executionName(subject: ContextSubject, endpoint: string): string {
  switch (subject.kind) {
    case 'relation':
      return `${endpoint}-${subject.hook}`;
    case 'storage':
      return `${subject.storageId.slice(0, subject.storageId.lastIndexOf('/'))}-${subject.hook}`;
    case 'workload':
      return `${subject.workload}-${subject.hook}`;
    case 'action':
      return subject.name;
    case 'exec':
      return 'run-commands';
    case 'lifecycle':
    case 'secret':
      return subject.hook;
  }
}

/** JUJU_CONTEXT_ID: unit, execution name, and 32 hex digits that `random` (16 bytes) gives. */
export function makeContextId(unit: string, name: string, random: Uint8Array): string {
  return `${unit}-${name}-${Buffer.from(random).toString('hex')}`;
}
