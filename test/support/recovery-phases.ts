import type { Recreation, RecreationPhase } from '../../src/domain/recreation';
import type { LightModel } from './light-model';

/** What the leader has in the application's bag. */
export function recreationOf(model: LightModel): Recreation | null {
  for (const { appBags } of Object.values(model.emulator.world.relations)) {
    const text = appBags['etcd']?.['recreation'];
    if (text !== undefined) return JSON.parse(text) as Recreation;
  }
  return null;
}

/** Does something once, as soon as the recovery is in one of these phases. */
export function onPhase(
  model: LightModel,
  phases: readonly RecreationPhase[],
  act: () => void,
): { readonly end: () => void } {
  const stop = model.emulator.controller.store.subscribe(() => {
    const now = recreationOf(model);
    if (now === null || !phases.includes(now.phase)) return;
    stop();
    act();
  });
  return { end: stop };
}

/** Juju's leadership moves when the leader commits a phase, once at each. */
export class LostLeadership {
  private armedAt: string | null = null;
  private readonly lost = new Set<string>();
  private readonly stop: () => void;

  constructor(
    private readonly model: LightModel,
    wanted: boolean,
  ) {
    this.stop = wanted ? model.emulator.controller.store.subscribe(() => this.look()) : () => undefined;
    if (wanted) this.look();
  }

  /** The phases in which the commit that ends each was lost; the first is that of the recovery before this one. */
  get phases(): readonly string[] {
    return [...this.lost];
  }

  end(): void {
    this.stop();
    this.model.emulator.controller.faults.clear();
  }

  private look(): void {
    const { model } = this;
    const now = recreationOf(model);
    const at = `${now?.generation ?? 0} ${now?.phase ?? ''}`;
    const { armed } = model.emulator.controller.faults;
    if (this.armedAt === at) {
      if (armed.length === 0) this.lost.add(now?.phase ?? '');
      return;
    }
    this.armedAt = at;
    model.emulator.controller.faults.clear();
    const unit = model.leader();
    const others = model.units().filter((each) => each !== unit);
    const to = others[this.lost.size % others.length] ?? '';
    model.emulator.arm({ kind: 'lose-leadership-at-commit', unit, hook: '*', applicationKey: 'recreation', to });
  }
}

/** How long each phase took, by the clock of the test. */
export class PhaseTimes {
  private readonly took: string[] = [];
  private at = '';
  private since = performance.now();
  private readonly stop: () => void;

  constructor(private readonly model: LightModel) {
    this.stop = model.emulator.controller.store.subscribe(() => this.look());
  }

  /** @returns in a line: `2 survey 3.1 s, 2 stop 5.0 s`, ... */
  end(): string {
    this.stop();
    this.next('');
    return this.took.join(', ');
  }

  private look(): void {
    const now = recreationOf(this.model);
    const at = now === null ? '' : `${now.generation} ${now.phase}`;
    if (at !== this.at) this.next(at);
  }

  private next(at: string): void {
    const now = performance.now();
    this.took.push(`${this.at === '' ? 'begin' : this.at} ${((now - this.since) / 1000).toFixed(1)} s`);
    this.at = at;
    this.since = now;
  }
}
