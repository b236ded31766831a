/** Puts ids into an order for a purpose. Pure: the same arguments give the same order. Used where Juju iterates a Go map. */
export type Order = (purpose: string, ids: readonly string[]) => string[];

/** Numbers ascending, then strings: always one of the orders that Juju could have taken. */
export const ascendingOrder: Order = (_purpose, ids) =>
  [...ids].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0));

/** An order drawn from the seed (an unsigned 32-bit integer): each purpose gets its own, as each Go map iteration does. */
export function seededOrder(seed: number): Order {
  return (purpose, ids) => {
    const shuffled = ascendingOrder(purpose, ids);
    let state = seed >>> 0;
    // FNV-1a over the purpose, so that neighbouring looks do not get neighbouring streams.
    for (let i = 0; i < purpose.length; i++) state = Math.imul(state ^ purpose.charCodeAt(i), 0x01000193) >>> 0;
    for (let i = shuffled.length - 1; i > 0; i--) {
      // mulberry32
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      const j = ((t ^ (t >>> 14)) >>> 0) % (i + 1);
      const swap = shuffled[i];
      const other = shuffled[j];
      if (swap !== undefined && other !== undefined) [shuffled[i], shuffled[j]] = [other, swap];
    }
    return shuffled;
  };
}
