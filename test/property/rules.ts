import type { UnitName } from '../../src/domain/ids';
import { isHealthy, voters } from '../../src/domain/member';
import type { Observed } from '../../src/domain/observed';
import { planAll, type Planner } from '../../src/domain/plan';
import { mayPause, mayRemove, quorumOf } from '../../src/domain/quorum';
import { hasQuorum, unitRunning } from '../../src/domain/simulate/cluster';
import { hasBegun, isAtLeastPhase, type Recreation } from '../../src/domain/recreation';
import { observe } from '../../src/domain/simulate/observe';
import { settleEtcd } from '../../src/domain/simulate/process';
import { begin } from '../../src/domain/simulate/transaction';
import type { SimulatedCluster, SimulatedUnit, World } from '../../src/domain/simulate/world';
import type { Step } from '../../src/domain/step';
import { plain } from './hook';
import { RuleBroken } from './rule-broken';
import { showStep } from './show-step';
import { underWay } from './under-way';

const isOlder = (
  data: { readonly cluster: string; readonly generation: number },
  { generation, token }: Recreation,
): boolean => data.generation <= generation && data.cluster !== token;

/** What founds, joins, votes or makes data. */
const ofMembers: ReadonlySet<Step['kind']> = new Set([
  'write-founding',
  'mark-data',
  'start-etcd',
  'add-learner',
  'promote-learner',
  'write-recreation',
  'restore-data',
  'adopt-data',
] as const);

/** The safety rules (docs/explanation/safety.md), judged on the true world; what they must remember of the run is here. */
export class Rules {
  private readonly world: World;
  private readonly startedNew = new Set<string>();
  private readonly founded = new Map<number, string>();
  private readonly named = new Map<string, readonly UnitName[]>();
  private readonly hadData = new Map<UnitName, Set<string>>();

  /** `isUnaware`: whether nobody could tell a unit that its cluster was given up. */
  constructor(
    world: World,
    private readonly isUnaware: (unit: SimulatedUnit) => boolean = () => false,
  ) {
    this.world = world;
  }

  private broken(rule: string, step: Step | null, unit: SimulatedUnit | null): never {
    throw new RuleBroken(`${rule}${unit ? ` by ${unit.name}` : ''}${step ? `: ${showStep(step)}` : ''}`);
  }

  /** Judged by what the unit saw, where nothing from outside happened since: a machine that falls over between look and step is nobody's fault. */
  check(unit: SimulatedUnit, observed: Observed, step: Step, undisturbed: boolean): void {
    const { cluster } = observed;
    const all = cluster.members.known ? voters(cluster.members.value) : [];
    const others = (id: string | undefined): number =>
      all.filter((one) => one.id !== id && isHealthy(observed, one.id)).length;
    const wholeApplication = observed.peers.planned.known && observed.peers.planned.value.every(({ dying }) => dying);
    if (step.kind === 'start-etcd' && unit.disk.data === null && unit.disk.marker?.startedAs === 'new') {
      const { generation, token } = unit.disk.marker;
      const { founding } = this.world.application;
      const key = `${unit.name} ${generation}`;
      const named = this.named.get(token);
      if (named === undefined || !named.includes(unit.name))
        this.broken('rule 1: starts as founder without a committed decision', step, unit);
      if (founding !== null && founding.generation < generation)
        this.broken('rule 1: a generation that is not decided', step, unit);
      if (this.startedNew.has(key)) this.broken('rule 1: starts as founder although it had data', step, unit);
    }
    const { disk, process } = unit;
    if (disk.standby !== null && ofMembers.has(step.kind)) this.broken('a standby does what members do', step, unit);
    if (step.kind === 'start-standby' && (disk.data !== null || disk.marker !== null || process !== null))
      this.broken('a member stands by', step, unit);
    if (step.kind === 'restart-etcd' && unit.process?.ready === true && undisturbed) {
      const own = cluster.local.known ? cluster.local.value.memberId : unit.disk.data?.id;
      const token = unit.disk.data?.cluster;
      const truth = token === undefined ? undefined : this.world.clusters.get(token);
      const voting = truth?.members.filter(({ learner }) => !learner) ?? [];
      const isVoter = voting.some(({ id }) => id === own);
      if (isVoter && all.length > 2 && !mayPause(all.length, others(own)))
        this.broken('rule 2: restarts a voter that quorum needs', step, unit);
      if (isVoter && truth?.turn?.unit !== unit.name) this.broken('rule 2: restarts a voter out of turn', step, unit);
    }
    if (step.kind === 'add-learner') {
      if (all.some(({ id }) => !isHealthy(observed, id))) this.broken('rule 3: adds while a voter is down', step, unit);
      if (cluster.members.known && cluster.members.value.some(({ learner }) => learner))
        this.broken('rule 3: a second learner', step, unit);
    }
    if (step.kind === 'remove-member') {
      const member = cluster.members.known ? cluster.members.value.find(({ id }) => id === step.memberId) : undefined;
      if (member === undefined) this.broken('rule 4: removes what it does not see', step, unit);
      if (!member.learner && !mayRemove(all.length, others(member.id)))
        this.broken('rule 2: removes a voter that quorum needs', step, unit);
      if (!member.learner && step.unit === null) this.broken('rule 5: removes a voter of unknown origin', step, unit);
      const owner = [...this.world.units.values()].find(({ disk }) => disk.data?.id === step.memberId);
      if (!step.onlyIfLearner && owner !== undefined && owner !== unit)
        this.broken("rule 5: removes another unit's voter", step, unit);
    }
    const { recreation } = this.world.application;
    const begun = recreation !== null && hasBegun(recreation) ? recreation : null;
    const said = unit.bag.recreation;
    const stopped =
      begun !== null &&
      (isAtLeastPhase(begun.phase, 'validate') || (said?.token === begun.token && isAtLeastPhase(said.phase, 'stop')));
    const isOld = stopped && unit.disk.data !== null && isOlder(unit.disk.data, begun);
    // What was planned, or read, before its machine stood still is the start gate's to hold back: whether it serves is looked at.
    const isRead =
      observed.event.kind === 'stop' || observed.peers.application.value.recreation?.token === begun?.token;
    if (step.kind === 'start-etcd' && isOld && isRead && undisturbed && !this.isUnaware(unit))
      this.broken('rule 10: starts a member of a generation that is recreated', step, unit);
    if (step.kind === 'start-etcd' && unit.disk.data === null && unit.disk.marker?.startedAs === 'new') {
      if (
        this.world.application.founding?.recreated === true &&
        unit.disk.marker.token === this.world.application.founding.token
      )
        this.broken('rule 7: a recreated generation is started empty', step, unit);
    }
    if (step.kind === 'adopt-data' && unit.disk.data !== null && unit.disk.restored !== null)
      this.broken('rule 6: restored data would replace data', step, unit);
    if (
      step.kind === 'stop-etcd' &&
      unit.process?.ready === true &&
      !wholeApplication &&
      undisturbed &&
      !this.isGivenUp(unit) &&
      (begun === null || unit.disk.data?.cluster === begun.token)
    ) {
      const truth = unit.disk.data === null ? undefined : this.world.clusters.get(unit.disk.data.cluster);
      const own = truth?.members.find(({ id }) => id === unit.disk.data?.id);
      if (truth !== undefined && own !== undefined && !own.learner && hasQuorum(this.world, truth)) {
        this.broken('rule 2: stops a serving voter that is still in the cluster', step, unit);
      }
    }
    if (step.kind === 'write-recreation') this.checkPhase(observed, step, unit);
    const promised = step.kind === 'publish-peer' ? step.bag.neverElected : null;
    if (promised !== null && unit.process !== null && unit.disk.marker?.generation === promised)
      this.broken('founding again: promises while its etcd runs', step, unit);
    if (step.kind === 'move-data-aside' && !observed.disk.data.known)
      this.broken('rule 4: moves data it did not see', step, unit);
    if (
      /PRIVATE|-----BEGIN/.test(
        JSON.stringify(step, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      )
    ) {
      this.broken('rule 11: a secret in a step', step, unit);
    }
  }

  /** A hook in which its machine stood still may overwrite what was decided meanwhile, where its unit leads again: Juju does not ask more. */
  checkFoundings(isStale: boolean): void {
    const { founding } = this.world.application;
    if (founding === null) return;
    const before = this.founded.get(founding.generation);
    if (before !== undefined && before !== founding.token && !isStale)
      this.broken(`one founding decision a generation: ${founding.generation} twice`, null, null);
    this.founded.set(founding.generation, founding.token);
    this.named.set(
      founding.token,
      founding.initial.map(({ unit }) => unit),
    );
  }

  /** A unit whose `stop` ended well has taken its vote along, unless the whole application goes. */
  checkLeft(unit: SimulatedUnit): void {
    const { data } = unit.disk;
    const cluster = data === null ? undefined : this.world.clusters.get(data.cluster);
    const votes = cluster?.members.some(({ id, learner }) => id === data?.id && !learner) === true;
    if (votes && !unit.memory.left && cluster !== undefined && hasQuorum(this.world, cluster))
      this.broken('rule 2: goes and leaves its vote behind', null, unit);
  }

  /** At no time two clusters. */
  checkClusters(): void {
    settleEtcd(this.world);
    for (const unit of this.world.units.values()) {
      const { data, marker } = unit.disk;
      if (data !== null && marker?.startedAs === 'new') this.startedNew.add(`${unit.name} ${marker.generation}`);
    }
    const all = [...this.world.clusters.values()].filter((cluster) => hasQuorum(this.world, cluster));
    const newest = Math.max(...all.map(({ generation }) => generation));
    // Machines that stood still while their cluster was given up go on where they were, until their first hook.
    const serving = all.filter((one) => one.generation === newest || !this.servesUnaware(one));
    const recreation = underWay(this.world);
    if (recreation !== null && isAtLeastPhase(recreation.phase, 'validate')) {
      const old = serving.find(({ token, generation }) => isOlder({ cluster: token, generation }, recreation));
      if (old !== undefined && !this.servesUnaware(old))
        this.broken(`rule 10: ${old.token} serves although all units had stopped`, null, null);
    }
    this.checkKept();
    if (serving.length > 1) this.broken(`two clusters: ${serving.map(({ token }) => token).join(' and ')}`, null, null);
  }

  /** Whether it has its majority only by members that nobody could tell that they were given up. */
  private servesUnaware({ token, members }: SimulatedCluster): boolean {
    const voting = members.filter(({ learner }) => !learner);
    // Nobody waits for one that the operator has given up; where it is there all the same, its next hook stops it.
    const givenUp = this.world.application.recreation?.recovery?.failed ?? [];
    const aware = voting.filter(({ id }) => {
      const unit = unitRunning(this.world, token, id);
      return unit?.process?.unaware === false && !givenUp.includes(unit.name);
    });
    return aware.length < quorumOf(voting.length);
  }

  /** The operator gave up what it is a member of: another cluster is decided. */
  private isGivenUp({ disk }: SimulatedUnit): boolean {
    const { founding, recreation } = this.world.application;
    if (founding === null || disk.data === null || disk.data.generation >= founding.generation) return false;
    return founding.recreated === true || recreation?.token === founding.token;
  }

  /** Rule 6: all data that were ever on a disk are on it, in place or aside. */
  private checkKept(): void {
    for (const unit of this.world.units.values()) {
      const { data, aside } = unit.disk;
      const seen = this.hadData.get(unit.name) ?? new Set<string>();
      this.hadData.set(unit.name, seen);
      if (data !== null) seen.add(data.id);
      const kept = new Set([...aside.map(({ id }) => id), ...(data === null ? [] : [data.id])]);
      if (seen.size > kept.size) this.broken('rule 6: data are gone', null, unit);
    }
  }

  /** Nothing of a recovery, or of one that is over, contradicts what was found out in its survey. */
  private checkPhase(observed: Observed, step: Extract<Step, { kind: 'write-recreation' }>, unit: SimulatedUnit): void {
    const { recreation: next } = step;
    const before = this.world.application.recreation;
    if (next.purpose !== 'recovery' || next.phase !== 'stop' || next.touched || before?.phase !== 'survey') return;
    const bags = [observed.peers.own.value, ...observed.peers.others.values()];
    if (bags.some(({ recreation: said }) => said?.token === next.token && said.quorum))
      this.broken('a recovery goes on although a unit reaches a majority', step, unit);
  }

  /** Rule 12: on a healthy, unchanged cluster every plan is empty. */
  checkQuiet(planners: readonly Planner[]): void {
    // A turn that nobody gave back has ended with its lease by now.
    for (const cluster of this.world.clusters.values()) cluster.turn = null;
    for (const unit of this.world.units.values()) {
      const observed = observe(this.world, begin(this.world, unit, plain('update-status')), new Set());
      const steps = planAll(observed, planners).flatMap((one) => one.steps);
      if (steps.length > 0)
        this.broken(
          `rule 12: plans ${steps.map(({ kind }) => kind).join()} on a healthy cluster`,
          steps[0] ?? null,
          unit,
        );
    }
  }
}
