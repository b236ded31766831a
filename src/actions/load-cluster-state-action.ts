import { formatClusterValue, valueOf, type ClusterValue } from '../clearwater/cluster-value';
import { clusterStateOf } from '../clearwater/node-state';
import { planLoad, type LoadPlan } from '../clearwater/plan-load';
import { readRemoteMemcached, readStore, type StoreReading } from '../clearwater/read-store';
import { storeKey, storeTitles, stores, type Store } from '../clearwater/store';
import { desiredFrom } from '../domain/desired';
import { healthyVoterUrls } from '../domain/member';
import { firstAnswering } from '../execute/execute-cluster';
import { done, failed, type Action, type ActionCall } from './action';
import { memberRefusal, quorumRefusal } from './refusals';

/** One key that is to be loaded, and from what. */
interface Wanted {
  readonly key: string;
  readonly source: string;
  readonly value: ClusterValue;
}

/** `load-from-chronos-cluster` and its siblings: all is read and judged before anything is written. */
export const action: Action = async (call) => {
  const store = stores.find((one) => call.name === `load-from-${one}-cluster`);
  if (store === undefined) throw new Error(`${call.name} names no data store`);
  const observed = await call.observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const { desired, problems } = desiredFrom(observed.config);
  if (desired === null) return failed(`${problems.map(({ message }) => message).join('; ')}; nothing was changed.`);
  const read = await readWanted(call, store, desired.clearwater);
  if ('refusal' in read) return failed(read.refusal);
  const via = healthyVoterUrls(observed);
  const replace = call.parameters.flag('replace');
  const keys = await call.execution.keys();
  const planned: { readonly wanted: Wanted; readonly plan: LoadPlan }[] = [];
  for (const wanted of read.wanted) {
    const present = await firstAnswering(via, 'get', (endpoint) => keys.read(endpoint, wanted.key));
    const there = present === null ? null : { text: present.value.toString('utf8'), modRevision: present.modRevision };
    planned.push({ wanted, plan: planLoad(there, wanted.value, replace) });
  }
  const kept = planned.find(({ plan }) => plan.kind === 'kept');
  if (kept?.plan.kind === 'kept') {
    const { key, source } = kept.wanted;
    return failed(
      `${key} has other data than ${source} and was left as it is (${kept.plan.differences.join('; ')}): correct the one that is wrong, or run the action with replace=true.`,
    );
  }
  const lines: string[] = [];
  for (const { wanted, plan } of planned) {
    lines.push(...describe(wanted, plan));
    if (plan.kind !== 'write') continue;
    const { value, expected } = plan;
    await call.perform({ kind: 'put-cluster-state', key: wanted.key, value, expected, via });
    lines.push('Update succeeded');
  }
  return done({
    output: lines.join('\n'),
    keys: Object.fromEntries(
      planned.map(({ wanted, plan }, index) => [
        `key${index + 1}`,
        {
          key: wanted.key,
          value: formatClusterValue(wanted.value),
          state: clusterStateOf(wanted.value.values()),
          written: plan.kind === 'write' ? 'true' : 'false',
        },
      ]),
    ),
  });
};

/** As the scripts of Clearwater say it, and what the cluster manager will make of it. */
function describe({ key, value }: Wanted, plan: LoadPlan): readonly string[] {
  const text = formatClusterValue(value);
  const state = clusterStateOf(value.values());
  const goesOn = state === 'stable' ? [] : [`The cluster manager goes on from "${state}" once it runs.`];
  if (plan.kind === 'same') return [`${key} has ${text} already; nothing was to be done`, ...goesOn];
  return [`Inserting data ${text} into etcd key ${key}`, ...goesOn];
}

async function readWanted(
  { parameters, execution }: ActionCall,
  store: Store,
  { etcdKey, siteName }: { readonly etcdKey: string; readonly siteName: string },
): Promise<{ readonly wanted: readonly Wanted[] } | { readonly refusal: string }> {
  const node = { files: execution.files, processes: execution.processes, root: execution.paths.root };
  const nodeType = parameters.text('node-type', 'vellum');
  const remoteSite = store === 'memcached' ? parameters.text('remote-site') : '';
  if (remoteSite === siteName)
    return { refusal: `remote-site is ${siteName}, the site of this cluster; nothing was changed.` };
  const key = (site: string): string =>
    storeKey(etcdKey, { store, nodeType, site: store === 'cassandra' ? null : site });
  const readings: [key: string, reading: StoreReading][] = [[key(siteName), await readStore(node, store)]];
  if (remoteSite !== '') readings.push([key(remoteSite), await readRemoteMemcached(node)]);
  const wanted: Wanted[] = [];
  for (const [at, reading] of readings) {
    if (reading.kind === 'absent')
      return { refusal: `There is no ${storeTitles[store]} on this unit: run the action on one that has it.` };
    if (reading.kind === 'fault') return { refusal: `${reading.why} Nothing was changed.` };
    wanted.push({ key: at, source: reading.source, value: valueOf(reading.nodes) });
  }
  return { wanted };
}
