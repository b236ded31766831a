/** A seeded source of choices, so that what Juju leaves open is repeatable. */
export interface Random {
  /** An integer from 0 to below `count`. */
  pick(count: number): number;
  /** A number from 0 to below 1. */
  fraction(): number;
}

/** mulberry32: small, seedable, good enough to choose orders (never used for secrets). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { fraction, pick: (count) => Math.floor(fraction() * count) };
}
