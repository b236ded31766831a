/** Draws whole numbers below `n`; all chance of a run comes from it, so that a seed replays it. */
export type Draw = (n: number) => number;

/** Deterministic (mulberry32). */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n;
  };
}

export const chance = (draw: Draw, percent: number): boolean => draw(100) < percent;

/** One of the list; draws nothing from an empty one. */
export const pick = <T>(draw: Draw, list: readonly T[]): T | undefined =>
  list.length === 0 ? undefined : list[draw(list.length)];
