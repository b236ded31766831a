import type { CharmRun } from '@juju/charm-helpers-ts';
import type { Credentials, Missing } from './credentials';
import type { Connect } from './gateway';
import { readEach, writeAnywhere } from './survey';

/** `read` and `write`. @throws an error whose message is the action's, where it could not be done. */
export async function runAction(
  { tools }: CharmRun,
  action: string,
  ownKey: string,
  credentials: Credentials | Missing,
  connect: Connect,
): Promise<void> {
  if ('missing' in credentials) {
    throw new Error(credentials.related ? `etcd is not ready: ${credentials.missing}` : credentials.missing);
  }
  const store = connect(credentials);
  const params = await tools.actionGet();
  const key = typeof params['key'] === 'string' ? params['key'] : ownKey;
  if (action === 'write') {
    const value = typeof params['value'] === 'string' ? params['value'] : '';
    const { endpoint, revision } = await writeAnywhere(store, credentials.endpoints, key, value);
    return tools.actionSet({ key, value, endpoint, revision });
  }
  const reads = await readEach(store, credentials.endpoints, key);
  const members = reads.map(
    ({ endpoint, value, error }, index) =>
      [`member-${index}`, { endpoint, ...(error === null ? { value: value ?? '' } : { error }) }] as const,
  );
  await tools.actionSet({ key, members: Object.fromEntries(members) });
  const failed = reads.filter(({ error }) => error !== null);
  if (failed.length > 0) {
    throw new Error(
      `${failed.length} of ${reads.length} members did not answer: ${failed.map((one) => `${one.endpoint}: ${one.error}`).join('; ')}`,
    );
  }
  const values = [...new Set(reads.map(({ value }) => value))];
  if (values.length > 1)
    throw new Error(`the members disagree about ${key}: ${values.map((one) => one ?? 'absent').join(', ')}`);
  if (values[0] === null || values[0] === undefined) throw new Error(`there is no key ${key}`);
  await tools.actionSet({ value: values[0] });
}
