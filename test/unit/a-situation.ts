import { desiredFrom, type Desired } from '../../src/domain/desired';
import { generation, unitName, type MemberId } from '../../src/domain/ids';
import type { Member, MemberStatus, Observed, PeerUnitBag } from '../../src/domain/observed';
import { planners, type Planner } from '../../src/domain/plan';
import { known, unknown, type Probe } from '../../src/domain/probe';
import { observe } from '../../src/domain/simulate/observe';
import { begin } from '../../src/domain/simulate/transaction';
import type { World } from '../../src/domain/simulate/world';
import type { Step } from '../../src/domain/step';
import { drawFrom } from '../property/draw';
import { ModelJuju } from '../property/model-juju';

/** Changes one situation into another; rows of tables are chains of them. */
export type Change = (observed: Observed) => Observed;

export const given = (observed: Observed, ...changes: readonly Change[]): Observed =>
  changes.reduce((so, change) => change(so), observed);

const formed = new Map<number, World>();

/** The model forms it, so that all of it fits together. Looking changes nothing in it. */
function clusterOf(size: number): World {
  const before = formed.get(size);
  if (before !== undefined) return before;
  const juju = new ModelJuju(drawFrom(7));
  for (let count = 0; count < size; count++) juju.addUnit();
  juju.settle();
  juju.world.leader = unitName('etcd/0');
  formed.set(size, juju.world);
  return juju.world;
}

/** What a unit of a healthy cluster sees in a hook; `etcd/0` is the Juju leader. */
export function inCluster(size: number, number = 0, hook: Partial<Observed['event']> = {}): Observed {
  const world = clusterOf(size);
  const unit = world.units.get(unitName(`etcd/${number}`));
  if (unit === undefined) throw new Error(`there is no etcd/${number}`);
  const event = { kind: 'update-status', endpoint: null, departingUnit: null, ...hook };
  return observe(world, begin(world, unit, event), new Set());
}

/** The hook in which a unit hears that it is being removed. */
export const departing = (number: number): Partial<Observed['event']> => ({
  kind: 'relation-departed',
  endpoint: 'cluster',
  departingUnit: unitName(`etcd/${number}`),
});

export const memberOf = (observed: Observed, number: number): Member => {
  const { members } = observed.cluster;
  const found = members.known ? members.value.find(({ name }) => name === `etcd${number}`) : undefined;
  if (found === undefined) throw new Error(`etcd/${number} has no member`);
  return found;
};

const withStatus = (observed: Observed, id: MemberId, status: Probe<MemberStatus>): Observed => ({
  ...observed,
  cluster: { ...observed.cluster, statuses: new Map([...observed.cluster.statuses, [id, status]]) },
});

/** A unit's member gives no answer. */
export const silent =
  (number: number): Change =>
  (observed) => {
    const changed = withStatus(observed, memberOf(observed, number).id, unknown('refused'));
    const own = observed.unit.name === `etcd/${number}`;
    return own ? { ...changed, cluster: { ...changed.cluster, local: unknown('refused') } } : changed;
  };

export const noQuorum: Change = (observed) => ({ ...observed, cluster: { ...observed.cluster, quorum: known(false) } });

/** Its own member answers, and nobody tells who the members are. */
export const listSilent: Change = (observed) => ({
  ...noAnswer(observed),
  cluster: { ...noAnswer(observed).cluster, local: observed.cluster.local },
});

/** Nobody of the cluster answers this unit. */
export const noAnswer: Change = (observed) => ({
  ...observed,
  cluster: {
    local: unknown('refused'),
    members: unknown('no member answers'),
    statuses: new Map(),
    quorum: unknown('no member answers'),
    alarms: unknown('no member answers'),
    turn: unknown('no member answers'),
  },
});

export const withMembers =
  (edit: (members: readonly Member[]) => readonly Member[]): Change =>
  (observed) => ({
    ...observed,
    cluster: {
      ...observed.cluster,
      members: observed.cluster.members.known ? known(edit(observed.cluster.members.value)) : observed.cluster.members,
    },
  });

/** A unit is no more in the application, or is in it and being removed. */
export const planned =
  (units: Readonly<Record<number, 'gone' | 'dying'>>): Change =>
  (observed) => {
    const { planned: before } = observed.peers;
    if (!before.known) return observed;
    const said = (name: string): 'gone' | 'dying' | undefined => units[Number(name.split('/')[1])];
    return {
      ...observed,
      peers: {
        ...observed.peers,
        planned: known(
          before.value
            .filter(({ unit }) => said(unit) !== 'gone')
            .map((one) => (said(one.unit) === 'dying' ? { ...one, dying: true } : one)),
        ),
        present: observed.peers.present.filter((name) => said(name) !== 'gone'),
        others: new Map([...observed.peers.others].filter(([name]) => said(name) !== 'gone')),
      },
    };
  };

/** etcd/9 was added a moment ago, so that the application stays. */
export const newcomer: Change = (observed) => {
  const { planned: before } = observed.peers;
  const more = before.known ? known([...before.value, { unit: unitName('etcd/9'), dying: false }]) : before;
  return { ...observed, peers: { ...observed.peers, planned: more } };
};

/** A unit that is being removed has left the relation already, and is in goal-state until its `stop` ended. */
export const unlisted =
  (number: number): Change =>
  (observed) => {
    const name = unitName(`etcd/${number}`);
    const bag = observed.peers.others.get(name);
    if (bag === undefined) throw new Error(`there is no bag of ${name}`);
    const { peers } = planned({ [number]: 'dying' })(observed);
    return {
      ...observed,
      peers: {
        ...peers,
        present: peers.present.filter((one) => one !== name),
        others: new Map([...peers.others].filter(([one]) => one !== name)),
        unlisted: new Map([...peers.unlisted, [name, bag]]),
      },
    };
  };

export const goalStateSilent: Change = (observed) => ({
  ...observed,
  peers: { ...observed.peers, planned: unknown('goal-state gave no answer') },
});

export const withOwnBag =
  (bag: Partial<PeerUnitBag>): Change =>
  (observed) => ({
    ...observed,
    peers: { ...observed.peers, own: { ...observed.peers.own, value: { ...observed.peers.own.value, ...bag } } },
  });

export const withBag =
  (number: number, bag: Partial<PeerUnitBag>): Change =>
  (observed) => {
    const others = new Map(observed.peers.others);
    const name = unitName(`etcd/${number}`);
    const before = others.get(name);
    if (before === undefined) throw new Error(`there is no bag of ${name}`);
    others.set(name, { ...before, ...bag });
    return { ...observed, peers: { ...observed.peers, others } };
  };

export const withApplication =
  (change: Partial<Observed['peers']['application']['value']>, pending = false): Change =>
  (observed) => ({
    ...observed,
    peers: {
      ...observed.peers,
      application: { pending, value: { ...observed.peers.application.value, ...change } },
    },
  });

export const withDisk =
  (disk: Partial<Observed['disk']>): Change =>
  (observed) => ({ ...observed, disk: { ...observed.disk, ...disk } });

export const noData: Change = withDisk({ data: known('absent'), hadLeader: known(false) });
export const diskSilent: Change = withDisk({ data: unknown('EIO'), marker: unknown('EIO'), hadLeader: unknown('EIO') });

export const withService =
  (service: Partial<Observed['service']>): Change =>
  (observed) => ({ ...observed, service: { ...observed.service, ...service } });

export const stopped: Change = withService({ state: 'stopped', runningConfigHash: null });

/** What one planner plans, whatever its flags say, in short: kinds, with whom they concern. */
export function planOf(name: string, observed: Observed, list: readonly Planner[] = planners): readonly string[] {
  const planner = list.find((one) => one.name === name);
  if (planner === undefined) throw new Error(`there is no planner ${name}`);
  return planner.plan(observed, desiredFrom(observed.config).desired as Desired).map(short);
}

function short(step: Step): string {
  switch (step.kind) {
    case 'remove-member':
      return `remove-member of ${step.unit ?? 'nobody'}${step.onlyIfLearner ? ' if a learner' : ''}`;
    case 'write-founding':
      return `write-founding ${step.founding.generation} with ${step.founding.initial.map(({ unit }) => unit).join()}`;
    case 'mark-data':
      return `mark-data ${step.marker.generation} ${step.marker.startedAs}`;
    case 'wait':
    case 'block':
    case 'fail-hook':
      return `${step.kind} ${step.why.replace(/ \(.*$/, '').split('; ')[0] ?? ''}`;
    default:
      return step.kind;
  }
}

export type Row = readonly [situation: string, observed: () => Observed, steps: readonly string[]];

/** One test a row: what the planner plans in a situation. */
export const table = (name: string, rows: readonly Row[]): void =>
  describe(name, () => {
    test.each(rows)('%s', (_situation, observed, steps) => {
      expect(planOf(name, observed())).toEqual(steps);
    });
  });

export const second = generation(2);

export const unreported = withOwnBag({ memberId: null, generation: null, voter: false });

export const noRecord = withApplication({ members: new Map() });

export const asLearner = (number: number) =>
  withMembers((all) => all.map((one) => (one.name === `etcd${number}` ? { ...one, learner: true } : one)));

export const without = (number: number) => withMembers((all) => all.filter(({ name }) => name !== `etcd${number}`));

/** A founder of two whose peer is gone, and whose member gives no answer. */
export const lonelyFounder = (): Observed =>
  given(inCluster(2, 1), noAnswer, planned({ 0: 'gone' }), unreported, noRecord);

/** Its own member gives no answer; what the others say of it stands. */
export function ownSilent(observed: Observed): Observed {
  return { ...observed, cluster: { ...observed.cluster, local: { known: false, reason: 'refused' } } };
}

/** Only the first two units are named as founders: the others join. */
export function joined(observed: Observed): Observed {
  const { founding } = observed.peers.application.value;
  return founding === null
    ? observed
    : withApplication({ founding: { ...founding, initial: founding.initial.slice(0, 2) } })(observed);
}

export function markerOf(observed: Observed) {
  if (!observed.disk.marker.known || observed.disk.marker.value === null) throw new Error('there is no marker');
  return observed.disk.marker.value;
}

export function unused(number: number) {
  return withMembers((all) => all.map((one) => (one.name === `etcd${number}` ? { ...one, clientUrls: [] } : one)));
}

export function nextFounding(observed: Observed): Observed {
  const { founding } = observed.peers.application.value;
  return founding === null ? observed : withApplication({ founding: { ...founding, generation: second } })(observed);
}
