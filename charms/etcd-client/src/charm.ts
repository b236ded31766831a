import { typedConfig, type CharmRun, type SettableStatus } from '@juju/charm-helpers-ts';
import { runAction } from './action';
import { readCredentials } from './credentials';
import { gateway, type Connect, type KeyValues } from './gateway';
import { readEach, writeAnywhere, type MemberRead } from './survey';

/** Every hook writes the unit's key, one higher than it was, reads it from every member, and says what came back. */
export async function charm(run: CharmRun, connect: Connect = gateway): Promise<void> {
  const { context, tools, log } = run;
  const { event } = context;
  if (event.kind === 'stop' || event.kind === 'remove') return;
  const { key: prefix } = typedConfig(await tools.configGet(), { key: 'string' });
  const key = `${prefix ?? ''}/${context.unit}`;
  const credentials = await readCredentials(tools, event.kind === 'relation-broken' ? event.relationId : null);
  if (event.kind === 'action') return runAction(run, event.name, key, credentials, connect);
  if ('missing' in credentials) {
    return tools.statusSet(credentials.related ? 'waiting' : 'blocked', credentials.missing);
  }
  const { status, message } = await count(connect(credentials), credentials.endpoints, key, (reads) => {
    for (const { endpoint, value, error } of reads)
      log.info(`${endpoint}: ${error ?? `${key} is ${value ?? 'absent'}`}`);
  });
  await tools.statusSet(status, message);
}

interface Found {
  readonly status: SettableStatus;
  readonly message: string;
}

async function count(
  store: KeyValues,
  endpoints: readonly string[],
  key: string,
  tell: (reads: readonly MemberRead[]) => void,
): Promise<Found> {
  const before = await readEach(store, endpoints, key);
  const highest = Math.max(0, ...before.map(({ value }) => Number(value ?? 0)).filter(Number.isSafeInteger));
  const written = String(highest + 1);
  try {
    await writeAnywhere(store, endpoints, key, written);
  } catch (error) {
    tell(before);
    return {
      status: 'blocked',
      message: `cannot write to etcd: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  const after = await readEach(store, endpoints, key);
  tell(after);
  return summary(written, after);
}

/** `read back 17 from 3 members`, or which member said something else. */
export function summary(written: string, reads: readonly MemberRead[]): Found {
  const good = reads.filter(({ value }) => value === written);
  if (good.length === reads.length) {
    return {
      status: 'active',
      message: `read back ${written} from ${reads.length} ${reads.length === 1 ? 'member' : 'members'}`,
    };
  }
  const wrong = reads
    .filter((read) => !good.includes(read))
    .map(({ endpoint, value, error }) => `${endpoint}: ${error ?? `gave ${value ?? 'nothing'}`}`);
  return {
    status: 'waiting',
    message: `read back ${written} from ${good.length} of ${reads.length} members; ${wrong.join('; ')}`,
  };
}
