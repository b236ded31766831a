/** Hook tools that change nothing, whatever their arguments: calls of them may go out together, early, and once more. */
const readers: ReadonlySet<string> = new Set([
  'config-get',
  'goal-state',
  'is-leader',
  'leader-get',
  'network-get',
  'opened-ports',
  'relation-get',
  'relation-ids',
  'relation-list',
  'resource-get',
  'state-get',
  'storage-get',
  'storage-list',
  'unit-get',
]);

/** Whether a hook tool only reads. Not `secret-get`, which may move to a newer revision. */
export const onlyReads = (tool: string): boolean => readers.has(tool);
