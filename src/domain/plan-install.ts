import type { Desired } from './desired';
import type { EtcdVersion } from './ids';
import { planGateProgram } from './plan-gate';
import type { Observed, WorkloadFacts, WorkloadOffer } from './observed';
import type { Probe } from './probe';
import { roleOf } from './role';
import type { Step } from './step';
import { block, waitForTime } from './waiting';
import { compareVersions, minimumVersion, minorOf } from './version';

const attach = 'juju attach-resource etcd etcd=./etcd-v3.5.X-linux-ARCH.tar.gz';
const retrySeconds = 60;

/** The chosen source's answer: `auto` is the resource, else apt; a channel is the snap. */
function chosenOffer({ resource, apt, snap }: WorkloadFacts, desired: Desired): Probe<WorkloadOffer | null> {
  if (desired.workloadSource.kind === 'snap') return snap;
  if (!resource.known || resource.value !== null) return resource;
  return apt;
}

/** Why an offer can be used by no cluster at all, in words that say what to do; null when it can. */
export function unusableOffer(offer: WorkloadOffer): string | null {
  const what = nameOf(offer);
  if (offer.problem !== null) return `${what} ${offer.problem}: ${attach}`;
  if (offer.version === null) return `${what} has no version that can be told: ${attach}`;
  return compareVersions(offer.version, minimumVersion) < 0
    ? `${what} is version ${offer.version}, and at least 3.4 is needed: ${attach}`
    : null;
}

const nameOf = ({ source }: WorkloadOffer): string =>
  source === 'resource' ? 'The etcd resource' : `etcd from ${source}`;

/** What is wrong with an offer for the cluster that runs, if one does; null when it can be used. */
export function offerProblem(offer: WorkloadOffer, cluster: EtcdVersion | null): string | null {
  const unusable = unusableOffer(offer);
  if (unusable !== null || offer.version === null || cluster === null) return unusable;
  if (minorOf(offer.version) === minorOf(cluster)) return null;
  return `${nameOf(offer)} is version ${offer.version}, and the cluster runs ${cluster}: attach a release of ${minorOf(cluster)}`;
}

/** The version that members of the running cluster report in their bags, the newest of them; null where there is none yet. */
export function clusterVersion({ peers }: Observed): EtcdVersion | null {
  const versions = [...peers.others.values()]
    .filter(({ generation }) => generation !== null)
    .flatMap(({ version }) => (version === null ? [] : [version]));
  return versions.sort(compareVersions).at(-1) ?? null;
}

/** Puts etcd on the machine, once. A newer one given later is reported by the status table, not switched to. */
export function planInstall(observed: Observed, desired: Desired): readonly Step[] {
  const { workload } = observed;
  if (workload.predecessorData) {
    return block(
      'Data of the Python charm are in /var/snap/etcd: take a snapshot with that charm, deploy this one on new machines, and restore there',
    );
  }
  if (workload.current === null) {
    const offer = chosenOffer(workload, desired);
    if (!offer.known) return waitForTime(retrySeconds, `for a source of etcd (${offer.reason})`);
    if (offer.value === null) return block(`There is no etcd to install: ${attach}`);
    const problem = offerProblem(offer.value, clusterVersion(observed));
    if (problem !== null || offer.value.version === null) return block(problem ?? 'etcd has no version');
    const { source, version } = offer.value;
    return [
      ...(workload.installed.includes(version) ? [] : [{ kind: 'install-binaries', source, version } as const]),
      // Before the switch: after it nothing would ask for it again, should the hook be killed here.
      { kind: 'set-application-version', version },
      { kind: 'switch-binaries', version },
    ];
  }
  // The unit runs the gate's program before etcd: it must be there.
  const member = roleOf(observed).role === 'member';
  return [...planGateProgram(observed), ...(member ? planServiceUnit(observed) : [])];
}

function planServiceUnit({ service }: Observed): readonly Step[] {
  if (service.unitFileHash === service.wantedUnitFileHash) return [];
  return [{ kind: 'write-service-unit', hash: service.wantedUnitFileHash }];
}
