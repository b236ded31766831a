import type { CrashPoint } from './crash-points';
import type { LightModel } from './light-model';

const labelOf = ({ unit, label, occurrence }: CrashPoint): string => `${unit} ${label} ${occurrence}`;

/** What the charms of a model do while `body` runs; each is a point to be killed at, counted from its beginning. */
export async function pointsSince(model: LightModel, body: () => Promise<unknown>): Promise<readonly CrashPoint[]> {
  const before = new Map(model.units().map((unit) => [unit, model.effects(unit).length]));
  await body();
  return model.units().flatMap((unit) => {
    const seen = new Map<string, number>();
    const points = model.effects(unit).slice(before.get(unit));
    return points
      .map((label) => {
        const occurrence = (seen.get(label) ?? 0) + 1;
        seen.set(label, occurrence);
        return { unit, label, occurrence };
      })
      .filter(({ label }) => !label.includes('wake-later'));
  });
}

/** The points of one restore or recovery, counted from its beginning, as the model wants them: counted from the beginning of the unit. */
export class Kills {
  private readonly hit = new Map<string, CrashPoint>();
  /** The name that the model knows a point by now. */
  private readonly names = new Map<CrashPoint, CrashPoint>();
  /** The same the other way round, with all names that points ever had: a hook may have begun before they got another. */
  private readonly named = new Map<string, CrashPoint>();

  constructor(
    private readonly model: LightModel,
    private readonly points: readonly CrashPoint[],
  ) {}

  /** Counts anew from now on; those of one unit only, where it is named. */
  arm(unit?: string): void {
    this.note();
    for (const point of this.points) {
      if (this.hit.has(labelOf(point))) this.names.delete(point);
      else if (unit === undefined || point.unit === unit) {
        const so = this.model.effects(point.unit).filter((label) => label === point.label).length;
        const name = { ...point, occurrence: so + point.occurrence };
        this.names.set(point, name);
        this.named.set(labelOf(name), point);
      }
    }
    this.model.crashNext([...this.names.values()]);
  }

  count(): number {
    this.note();
    return this.hit.size;
  }

  end(): void {
    this.note();
    this.model.crashNext([]);
  }

  get struck(): readonly CrashPoint[] {
    return [...this.hit.values()];
  }

  private note(): void {
    for (const name of this.model.everStruck()) {
      const point = this.named.get(labelOf(name));
      if (point !== undefined) this.hit.set(labelOf(point), point);
    }
  }
}
