import { recreationPhases } from '../../src/domain/recreation';
import { quorumOf } from '../../src/domain/quorum';
import { underWay } from './under-way';
import type { SimulatedUnit, World } from '../../src/domain/simulate/world';

/** Where the recreating machine is; `none` while nothing is recreated. */
export function phaseNow(world: World): string {
  const recreation = underWay(world);
  return recreation === null ? 'none' : recreation.phase;
}

/** What was drawn how often, over many histories: a property says nothing of what never happened. */
export class Tally {
  private readonly counts = new Map<string, number>();

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Machines that stood still and go on, with members of clusters that were given up meanwhile. */
  countBack(world: World, back: readonly SimulatedUnit[]): void {
    const phase = phaseNow(world);
    const newest = Math.max(world.application.founding?.generation ?? 0, world.application.recreation?.generation ?? 0);
    const old = back.filter(({ process, disk }) => process !== null && (disk.data?.generation ?? newest) < newest);
    if (old.length > 0) this.count(`straggler back in ${phase}`);
    if (old.length > 1) this.count('several stragglers back at once');
    for (const cluster of world.clusters.values()) {
      const voting = cluster.members.filter(({ learner }) => !learner);
      const together = old.filter(({ disk }) => voting.some(({ id }) => id === disk.data?.id));
      if (voting.length > 1 && together.length >= quorumOf(voting.length)) this.count('an old majority back at once');
    }
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  /** Counts by what, where something is drawn in each phase one line for all of them. */
  toString(): string {
    const phases = ['none', ...recreationPhases.slice(0, -2)];
    const inPhases = (what: string): string =>
      phases.map((phase) => `${phase} ${this.of(`${what} in ${phase}`)}`).join(', ');
    const kinds = new Set(
      [...this.counts.keys()].flatMap((key) => (/ in \w+$/.exec(key) === null ? [] : [key.replace(/ in \w+$/, '')])),
    );
    const single = [...this.counts].filter(([key]) => !/ in \w+$/.test(key));
    return [
      ...[...kinds].sort().map((kind) => `${kind}: ${inPhases(kind)}`),
      ...single.sort().map(([key, count]) => `${key}: ${count}`),
    ].join('\n');
  }
}
