import { backAgain, former } from '../unit/a-recovery';
import { lonelyFounder } from '../unit/a-situation';
import { says } from '../unit/an-acknowledgement';
import type { Flag } from '../../src/domain/flags';
import type { Planner } from '../../src/domain/plan';
import type { Founding, Member, MemberStatus, Observed, PeerUnitBag } from '../../src/domain/observed';
import { known } from '../../src/domain/probe';
import type { Step } from '../../src/domain/step';

/** A rule broken on purpose: the planners as they are, but for one thing. */
export interface Mutant {
  readonly what: string;
  readonly mutate: (list: readonly Planner[]) => readonly Planner[];
}

type Plan = Planner['plan'];

const change =
  (name: string, wrap: (plan: Plan) => Plan) =>
  (list: readonly Planner[]): readonly Planner[] => {
    if (!list.some((planner) => planner.name === name)) throw new Error(`there is no planner "${name}" to break`);
    return list.map((planner) => (planner.name === name ? { ...planner, plan: wrap(planner.plan) } : planner));
  };

/** A planner that sees another world than the true one. */
const seeing = (name: string, lens: (observed: Observed) => Observed): Mutant['mutate'] =>
  change(name, (plan) => (observed, desired) => plan(lens(observed), desired));

/** A planner whose steps come out otherwise. */
const planning = (
  name: string,
  edit: (steps: readonly Step[], observed: Observed) => readonly Step[],
): Mutant['mutate'] => change(name, (plan) => (observed, desired) => edit(plan(observed, desired), observed));

const without =
  (name: string): Mutant['mutate'] =>
  (list) =>
    list.filter((planner) => planner.name !== name);

const withoutFlag = (list: readonly Planner[], name: string, dropped: Flag): readonly Planner[] =>
  list.map((planner) =>
    planner.name === name ? { ...planner, all: planner.all.filter((flag) => flag !== dropped) } : planner,
  );

const committed = (observed: Observed): Observed => ({
  ...observed,
  peers: { ...observed.peers, application: { ...observed.peers.application, pending: false } },
});

const healthyStatus: MemberStatus = {
  memberId: '0' as MemberStatus['memberId'],
  clusterId: '0' as MemberStatus['clusterId'],
  leaderId: 'f' as MemberStatus['memberId'],
  version: '3.5.16' as MemberStatus['version'],
  dbSize: 0,
  dbSizeInUse: 0,
  raftTerm: 1n,
  raftIndex: 1n,
  raftAppliedIndex: 1n,
  revision: 1n,
  learner: false,
  errors: [],
  latency: 1,
};

/** All members seem well, whoever answers. */
const allHealthy = (observed: Observed): Observed => ({
  ...observed,
  cluster: {
    ...observed.cluster,
    quorum: known(true),
    statuses: new Map(
      (observed.cluster.members.known ? observed.cluster.members.value : []).map((member: Member) => {
        const status = observed.cluster.statuses.get(member.id);
        return [member.id, status?.known === true ? status : known({ ...healthyStatus, memberId: member.id })];
      }),
    ),
  },
});

const silenceIsNever = (observed: Observed): Observed => ({
  ...observed,
  disk: { ...observed.disk, hadLeader: observed.cluster.local.known ? observed.disk.hadLeader : known(false) },
});

const noLearners = (observed: Observed): Observed => ({
  ...observed,
  cluster: {
    ...observed.cluster,
    members: observed.cluster.members.known
      ? known(observed.cluster.members.value.filter(({ learner }) => !learner))
      : observed.cluster.members,
  },
});

const withoutSteps =
  (...kinds: readonly Step['kind'][]) =>
  (steps: readonly Step[]): readonly Step[] =>
    steps.filter(({ kind }) => !kinds.includes(kind));

const noTimers = (list: readonly Planner[], name: string): readonly Planner[] =>
  planning(name, withoutSteps('wake-later'))(list);

export const existing: readonly Mutant[] = [
  {
    what: 'rule 1: the founding is acted on in the hook that wrote it',
    mutate: (list) => seeing('start-founder', committed)(withoutFlag(list, 'start-founder', 'cluster.founded')),
  },
  {
    what: 'rule 1: a founder starts although a member of it served before',
    mutate: seeing('start-founder', (observed) => ({
      ...observed,
      disk: { ...observed.disk, data: known('absent'), marker: known(null) },
      cluster: { ...observed.cluster, members: { known: false, reason: '' } },
      peers: {
        ...observed.peers,
        own: { ...observed.peers.own, value: { ...observed.peers.own.value, memberId: null } },
      },
    })),
  },
  {
    what: 'one decision a generation: the leader founds although it has founded',
    mutate: seeing('found', (observed) => ({
      ...observed,
      peers: {
        ...observed.peers,
        application: { ...observed.peers.application, value: { ...observed.peers.application.value, founding: null } },
        others: new Map([...observed.peers.others].map(([unit, bag]) => [unit, { ...bag, generation: null }])),
        own: { ...observed.peers.own, value: { ...observed.peers.own.value, generation: null } },
      },
    })),
  },
  {
    what: 'one decision a generation: a unit that does not lead founds',
    mutate: (list) =>
      seeing('found', (observed) => ({ ...observed, unit: { ...observed.unit, isLeader: known(true) } }))(
        withoutFlag(list, 'found', 'unit.leader'),
      ),
  },
  { what: 'rule 2: a leaver does not look whether the rest holds quorum', mutate: seeing('leave', allHealthy) },
  {
    what: 'rule 2: a leaver stops before it is out',
    mutate: planning('leave', (steps) =>
      steps.some(({ kind }) => kind === 'remove-member') ? [{ kind: 'stop-etcd', why: 'it leaves' }, ...steps] : steps,
    ),
  },
  { what: 'rule 2: members restart without looking at the others', mutate: seeing('member', allHealthy) },
  {
    what: 'rule 2: members restart out of turn',
    mutate: seeing('member', (observed) => ({
      ...observed,
      cluster: { ...observed.cluster, turn: known({ unit: observed.unit.name, lease: '1', purpose: 'restart' }) },
    })),
  },
  { what: 'rule 3: a joiner adds itself while a voter is down', mutate: seeing('join', allHealthy) },
  { what: 'rule 3: a second learner', mutate: seeing('join', noLearners) },
  {
    what: 'rule 4: no answer of goal-state counts as nobody there',
    mutate: seeing('housekeeping', (observed) => ({
      ...observed,
      peers: observed.peers.planned.known ? observed.peers : { ...observed.peers, planned: known([]), present: [] },
    })),
  },
  {
    what: 'rule 5: the leader removes members of units that are there',
    mutate: seeing('housekeeping', (observed) => ({
      ...observed,
      peers: { ...observed.peers, planned: known([]), present: [] },
    })),
  },
  { what: 'rule 5: nobody writes down whose members there are', mutate: without('record') },
  { what: 'rule 5: members of units that are gone stay', mutate: without('housekeeping') },
  {
    what: 'rule 12: the same peer data are written again',
    mutate: change('peer-data', () => (observed) => {
      const { relationId, own } = observed.peers;
      return relationId === null || own.pending ? [] : [{ kind: 'publish-peer', relationId, bag: own.value }];
    }),
  },
  { what: 'rule 13: a member that does not run is not started', mutate: without('member') },
  {
    what: 'rule 13: a learner is never promoted again after a killed hook',
    mutate: planning('join', (steps) => withoutSteps('promote-learner')(steps)),
  },
  { what: 'founding again: nobody promises', mutate: (list) => without('promise')(without('leave-promise')(list)) },
  {
    what: 'founding again: a promise is given without stopping',
    mutate: (list) =>
      planning('promise', withoutSteps('stop-etcd'))(planning('leave-promise', withoutSteps('stop-etcd'))(list)),
  },
  { what: 'data of an older generation stay in place', mutate: without('old-data') },
  { what: 'waiting: a joiner arms no timer', mutate: (list) => noTimers(list, 'join') },
  { what: 'waiting: a unit that may not restart now arms no timer', mutate: (list) => noTimers(list, 'member') },
  {
    what: 'clients: those of units that left are told on',
    mutate: planning('clients', (steps, { clients }) =>
      clients.some(({ published }) => published !== null) ? [] : steps,
    ),
  },
  { what: 'leaving: the only member does not say where it is', mutate: without('leave-data') },
  { what: 'leaving: units do not leave', mutate: without('leave') },
];

/** The founding as if the leader had decided it by itself. */
function unmarked({ peers }: Observed): Founding | null {
  const { founding } = peers.application.value;
  return founding === null
    ? null
    : { generation: founding.generation, token: founding.token, initial: founding.initial };
}

/** Histories come to it once in tens of thousands: one situation shows it. */
export const rare: readonly (Mutant & { readonly planner: string; readonly situation: () => Observed })[] = [
  {
    what: 'founding again: silence of its own member is taken for never elected',
    mutate: (list) => ['promise', 'leave-promise'].reduce((all, name) => seeing(name, silenceIsNever)(all), list),
    planner: 'promise',
    situation: lonelyFounder,
  },
  {
    what: 'one that comes back takes part where the others are, without stopping first',
    mutate: change('recreation', (plan) => (observed, desired) => {
      const steps = plan(observed, desired);
      const { recreation } = observed.peers.application.value;
      const isLate = recreation !== null && ['validate', 'create', 'verify'].includes(recreation.phase);
      return isLate && steps.some(({ kind }) => kind === 'stop-etcd' || kind === 'measure-data')
        ? plan({ ...observed, disk: { ...observed.disk, data: known('absent') } }, desired)
        : steps;
    }),
    planner: 'recreation',
    situation: () => backAgain('validate'),
  },
  {
    what: 'a joiner takes whatever cluster answers',
    mutate: seeing('join', (observed) => ({
      ...observed,
      peers: {
        ...observed.peers,
        application: {
          ...observed.peers.application,
          value: { ...observed.peers.application.value, recreation: null, founding: unmarked(observed) },
        },
      },
    })),
    planner: 'join',
    situation: former,
  },
];

/** Says that its part of `stop` is done as soon as it reads of it. */
const acknowledgesAtOnce = planning('recreation', (steps, { peers }) => {
  const { recreation } = peers.application.value;
  const { relationId, own } = peers;
  if (recreation === null || relationId === null || recreation.phase !== 'stop' || steps.length === 0) return steps;
  const before = own.value.recreation;
  if (before?.token === recreation.token && before.phase === recreation.phase) return [];
  return [{ kind: 'publish-peer', relationId, bag: { ...own.value, recreation: says(recreation) } }];
});

const withoutMajority = (bag: PeerUnitBag): PeerUnitBag =>
  bag.recreation === null ? bag : { ...bag, recreation: { ...bag.recreation, quorum: false } };

/** Of recreating the cluster: an operator restores in these histories. */
export const recreating: readonly Mutant[] = [
  { what: 'a unit says that it has stopped before it has', mutate: acknowledgesAtOnce },
  {
    what: 'the leader waits for nobody’s acknowledgement',
    mutate: seeing('recreation-lead', (observed) => ({
      ...observed,
      peers: {
        ...observed.peers,
        others: new Map(
          [...observed.peers.others].map(([name, bag]) => [
            name,
            { ...bag, recreation: observed.peers.own.value.recreation },
          ]),
        ),
      },
    })),
  },
  {
    what: 'members are started while there is no decided cluster',
    mutate: (list) =>
      list.map((planner) => ({ ...planner, none: planner.none.filter((flag) => flag !== 'recreation.holds') })),
  },
  { what: 'nobody takes up what an interrupted action began', mutate: without('recreation-lead') },
];

/** Of losing most machines: an operator recovers in these histories. */
export const recovering: readonly Mutant[] = [
  { what: 'a unit says that it has stopped before it has', mutate: acknowledgesAtOnce },
  {
    what: 'a majority that the survey finds ends nothing',
    mutate: seeing('recreation-lead', (observed) => ({
      ...observed,
      peers: {
        ...observed.peers,
        own: { ...observed.peers.own, value: withoutMajority(observed.peers.own.value) },
        others: new Map([...observed.peers.others].map(([name, bag]) => [name, withoutMajority(bag)])),
      },
    })),
  },
  {
    what: 'nobody tells the start gate what was decided',
    mutate: (list) =>
      planning(
        'recreation',
        withoutSteps('write-gate-settings'),
      )(
        planning('gate-settings', (steps) =>
          steps.map((step) =>
            step.kind === 'write-gate-settings' ? { ...step, settings: { ...step.settings, decided: null } } : step,
          ),
        )(list),
      ),
  },
  {
    what: 'old data are not moved aside before new ones come',
    mutate: (list) =>
      planning(
        'recreation',
        withoutSteps('move-data-aside'),
      )(planning('old-data', withoutSteps('move-data-aside'))(list)),
  },
  { what: 'what was given up and comes back goes on', mutate: without('old-data') },
  { what: 'nobody begins the next phase', mutate: without('recreation-lead') },
];
