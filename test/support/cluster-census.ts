import { memberStatus } from './gateway-client';
import type { LightModel } from './light-model';

const everyMs = 250;

/** Cluster ids by unit, of members that know a leader. */
type Serving = ReadonlyMap<string, string>;

/** Looks again and again which clusters serve on the units of a model. */
export class ClusterCensus {
  private readonly seen: string[] = [];
  private ended = false;
  /** How often every unit was asked. */
  rounds = 0;

  constructor(private readonly model: LightModel) {
    void this.run();
  }

  end(): void {
    this.ended = true;
  }

  /** @throws where two clusters served at the same time. */
  expectOneAtATime(): void {
    expect(this.rounds).toBeGreaterThan(0);
    expect(this.seen).toEqual([]);
  }

  private async run(): Promise<void> {
    for (let before: Serving = new Map(); !this.ended;) {
      const now = await this.look();
      this.rounds += 1;
      // Units are not asked at the same moment: who served the same cluster before and after the others were asked, did so meanwhile.
      const lasting = [...now].filter(([unit, id]) => before.get(unit) === id);
      if (new Set(lasting.map(([, id]) => id)).size > 1)
        this.seen.push(lasting.map(([unit, id]) => `${unit} ${id}`).join(', '));
      before = now;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  private async look(): Promise<Serving> {
    const { model } = this;
    const found = await Promise.all(
      model.units().map(async (unit) => {
        try {
          const { leader, clusterId } = await memberStatus(model.endpoint(unit), model.tls(unit));
          return /^0+$/.test(leader) ? [] : [[unit, clusterId] as const];
        } catch {
          return [];
        }
      }),
    );
    return new Map(found.flat());
  }
}
