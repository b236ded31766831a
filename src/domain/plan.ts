import { desiredFrom, type Desired } from './desired';
import { flagsOf, type Flag } from './flags';
import { planFormerClusters } from './former-clusters';
import type { Observed } from './observed';
import { planFounding, planFoundingStart } from './plan-bootstrap';
import { planBackupRemoval, planBackupTimer } from './plan-backup';
import { planManagerRelease } from './plan-configuration';
import { planGateRemoval, planGateResponder, planGateSettings } from './plan-gate';
import { planHousekeeping, planMemberRecord } from './plan-housekeeping';
import { planInstall } from './plan-install';
import { planJoin } from './plan-join';
import { planLeave } from './plan-leave';
import { planLookAgain } from './plan-look-again';
import { planMirror, planMirrorRemoval } from './plan-mirror';
import { planMember, planOldData } from './plan-member';
import { planPromise } from './plan-refound';
import { planRecreation, planRecreationCleanup } from './plan-recreation';
import { planRecreationLead } from './plan-recreation-lead';
import { planClients, planEndpoints, planPeerData, planPorts } from './plan-relations';
import { planStandby, planStandbyClients, planStandbyData, planStandbyRemoval } from './plan-standby';
import { planTls } from './plan-tls';
import { planQuorumWatch } from './quorum-loss';
import { planRemains } from './remains';
import type { Step } from './step';

/** One concern of the charm: when it is looked at, and what it then plans. */
export interface Planner {
  /** Unique; it stands in the log and in traces. */
  readonly name: string;
  readonly all: readonly Flag[];
  readonly none: readonly Flag[];
  readonly plan: (observed: Observed, desired: Desired) => readonly Step[];
}

const staying = (name: string, all: readonly Flag[], plan: Planner['plan'], none: readonly Flag[] = []): Planner => ({
  name,
  all: ['config.valid', ...all],
  none: ['unit.leaving', ...none],
  plan,
});

/** Not while the cluster is being recreated: what counts as its units' word then is another. */
const unlessRecreating: readonly Flag[] = ['recreation.active'];
/** Not while there is no cluster that a member could be started in, or tidied up. */
const unlessHeld: readonly Flag[] = ['recreation.holds'];

/**
 * All planners, in the order in which they are looked at. Each is a function of the observed world alone, so that a lost hook, a crash
 * in the middle or a new leader is just another state. A leaving unit does nothing but leave. With options that make no sense nothing
 * is done but leaving: etcd stays as it is.
 */
export const planners: readonly Planner[] = [
  // The only member of a cluster may be the one that leaves: the others must be able to find it, to join before it goes.
  {
    name: 'leave-data',
    all: ['unit.leaving', 'config.valid', 'workload.installed', 'member.serving'],
    none: [],
    plan: planPeerData,
  },
  {
    name: 'leave-recreation',
    all: ['unit.leaving', 'config.valid', 'workload.installed', 'recreation.active'],
    // It left with the whole application, and its data are not started any more.
    none: ['unit.left'],
    plan: planRecreation,
  },
  { name: 'leave-promise', all: ['unit.leaving', 'cluster.founded'], none: unlessRecreating, plan: planPromise },
  { name: 'leave', all: ['unit.leaving'], none: ['predecessor.present'], plan: planLeave },
  { name: 'leave-mirror', all: ['unit.leaving'], none: [], plan: planMirrorRemoval },
  { name: 'leave-standby', all: ['unit.leaving'], none: [], plan: planStandbyRemoval },
  { name: 'leave-backup', all: ['unit.leaving'], none: [], plan: planBackupRemoval },
  { name: 'leave-gate', all: ['unit.leaving'], none: [], plan: planGateRemoval },
  staying('install', [], planInstall),
  staying('ports', ['workload.installed'], planPorts),
  staying('tls', ['workload.installed'], planTls),
  staying('standby', ['role.standby', 'workload.installed', 'tls.ready'], planStandby),
  staying('standby-data', ['role.standby', 'workload.installed'], planStandbyData),
  staying('standby-mirror', ['role.standby', 'workload.installed', 'tls.ready'], planMirror),
  staying('standby-clients', ['role.standby', 'tls.ready'], planStandbyClients),
  // Its port is etcd's.
  staying('no-standby', ['role.member'], planStandbyRemoval),
  staying('old-data', ['workload.installed', 'cluster.founded'], planOldData, unlessHeld),
  staying('peer-data', ['role.member', 'workload.installed'], planPeerData),
  staying('promise', ['workload.installed', 'cluster.founded'], planPromise, unlessRecreating),
  staying('gate-settings', ['role.member', 'workload.installed'], planGateSettings),
  staying('found', ['role.member', 'workload.installed', 'unit.leader'], planFounding, unlessRecreating),
  staying('start-founder', ['workload.installed', 'tls.ready', 'cluster.founded'], planFoundingStart, unlessRecreating),
  staying('member', ['workload.installed', 'cluster.founded'], planMember, unlessHeld),
  staying('join', ['workload.installed', 'tls.ready', 'cluster.founded'], planJoin, unlessHeld),
  // Once more: what the member became in this hook is published in it.
  staying('member-data', ['role.member', 'workload.installed', 'member.serving'], planPeerData),
  // After the member was started: it must not wait for this.
  staying('gate-responder', ['role.member', 'workload.installed'], planGateResponder),
  staying('mirror', ['workload.installed', 'tls.ready', 'cluster.founded'], planMirror, unlessRecreating),
  staying('backup-timer', ['workload.installed', 'cluster.founded'], planBackupTimer),
  staying('record', ['unit.leader', 'cluster.founded'], planMemberRecord, unlessHeld),
  // Before the addresses of the cluster before are forgotten.
  staying('former-clusters', ['workload.installed', 'cluster.founded'], planFormerClusters),
  staying('endpoints', ['member.serving', 'quorum.held'], planEndpoints),
  staying('housekeeping', ['unit.leader', 'cluster.founded'], planHousekeeping, unlessHeld),
  staying('clients', ['member.voter', 'quorum.held'], planClients, unlessHeld),
  // What this unit has done of the recreation, and then what the leader makes of it.
  staying('recreation', ['role.member', 'workload.installed', 'recreation.active'], planRecreation),
  staying(
    'recreation-lead',
    ['role.member', 'workload.installed', 'unit.leader', 'recreation.active'],
    planRecreationLead,
  ),
  staying('recreation-cleanup', ['workload.installed'], planRecreationCleanup, unlessRecreating),
  staying('manager-release', ['workload.installed', 'quorum.held'], planManagerRelease, unlessRecreating),
  staying('quorum-watch', ['workload.installed', 'cluster.founded'], planQuorumWatch, unlessRecreating),
  staying('remains', ['workload.installed', 'cluster.founded'], planRemains, unlessRecreating),
  staying('look-again', ['workload.installed'], planLookAgain),
];

/** What each planner that is looked at plans in this world, in order. */
export function planAll(
  observed: Observed,
  list: readonly Planner[] = planners,
): readonly { readonly name: string; readonly steps: readonly Step[] }[] {
  const flags = flagsOf(observed);
  const { desired } = desiredFrom(observed.config);
  return list
    .filter(({ all, none }) => all.every((flag) => flags.has(flag)) && !none.some((flag) => flags.has(flag)))
    .map(({ name, plan }) => ({
      name,
      steps: plan(observed, desired as Desired),
    }));
}
