import { describeOwnStores, describeStores } from '../clearwater/describe-stores';
import { ownStores } from '../clearwater/read-store';
import { placeOf } from '../clearwater/store';
import { desiredFrom } from '../domain/desired';
import { healthyVoterUrls } from '../domain/member';
import { valueOr } from '../domain/probe';
import { firstAnswering } from '../execute/execute-cluster';
import { done, failed, type Action } from './action';
import { memberRefusal, quorumRefusal } from './refusals';

/** `check-cluster-state`: the data store clusters as etcd has them, of this site and of others. */
export const action: Action = async ({ observe, execution }) => {
  const observed = await observe();
  const refusal = memberRefusal(observed) ?? quorumRefusal(observed);
  if (refusal !== null) return failed(refusal);
  const { desired, problems } = desiredFrom(observed.config);
  if (desired === null) return failed(`${problems.map(({ message }) => message).join('; ')}.`);
  const { etcdKey, siteName } = desired.clearwater;
  const { files, paths } = execution;
  const keys = await execution.keys();
  const via = healthyVoterUrls(observed);
  const names = await firstAnswering(via, 'get', (endpoint) => keys.names(endpoint, `/${etcdKey}/`));
  const values = new Map<string, string>();
  for (const name of names.filter((one) => placeOf(etcdKey, one) !== null)) {
    const present = await firstAnswering(via, 'get', (endpoint) => keys.read(endpoint, name));
    if (present !== null) values.set(name, present.value.toString('utf8'));
  }
  const reports = describeStores(etcdKey, values);
  const unstable = reports.filter(({ stable }) => !stable);
  const own = await ownStores({ files, root: paths.root });
  const address = valueOr(observed.unit.clientAddress, observed.unit.name);
  const output = [
    `The data store clusters; the local site is ${siteName}.`,
    describeOwnStores(address, own),
    ...(reports.length === 0 ? [`There is no cluster of a data store under /${etcdKey}/.`] : []),
    ...reports.flatMap(({ lines }) => lines),
  ].join('\n');
  const results = { output, clusters: String(reports.length), unstable: String(unstable.length) };
  if (unstable.length === 0) return done(results);
  const which = unstable.map(({ key }) => key).join(', ');
  return failed(`${unstable.length} unstable cluster(s): ${which}; the output says which nodes.`, results);
};
