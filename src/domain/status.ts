import { desiredFrom } from './desired';
import type { Observed } from './observed';
import { planTls } from './plan-tls';
import { planInstall } from './plan-install';
import { planFounding } from './plan-bootstrap';
import { planJoin } from './plan-join';

export interface Status {
  readonly word: 'active' | 'blocked' | 'waiting' | 'maintenance';
  readonly message: string;
}

export function statusOf(observed: Observed): Status {
  const { desired, problems } = desiredFrom(observed.config);
  if (desired === null) return { word: 'blocked', message: problems.map(({ message }) => message).join('; ') };
  const { members, statuses, quorum } = observed.cluster;
  if (members.known && quorum.known && quorum.value) {
    const healthy = [...statuses.values()].filter((status) => status.known).length;
    const all = members.value.length;
    return healthy === all
      ? { word: 'active', message: `cluster is healthy (${healthy} of ${all} members)` }
      : { word: 'active', message: `cluster-health check failed... needs attention (${healthy} of ${all} members)` };
  }
  const steps = [
    ...planInstall(observed, desired),
    ...planTls(observed),
    ...planFounding(observed),
    ...planJoin(observed, desired),
  ];
  const block = steps.find((step) => step.kind === 'block');
  if (block?.kind === 'block') return { word: 'blocked', message: block.why };
  const wait = steps.find((step) => step.kind === 'wait');
  if (wait?.kind === 'wait') return { word: 'waiting', message: `Waiting ${wait.why}` };
  return { word: 'waiting', message: 'Waiting for the cluster to form' };
}
