/** Puts ids into an order for a purpose, which names the look it is for. Used where Juju iterates a Go map. */
export type Order = (purpose: string, ids: readonly string[]) => string[];

/** Numbers ascending, then strings: always one of the orders that Juju could have taken. */
export const ascendingOrder: Order = (_purpose, ids) =>
  [...ids].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0));

/** What the seed draws for something: evenly among `count` (FNV-1a, then a round of mulberry32's mixing). */
function draw(seed: number, about: string, count: number): number {
  let state = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < about.length; i++) state = Math.imul(state ^ about.charCodeAt(i), 0x01000193) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % count;
}

/** Slots of a small map in Go: an order begins at one of them, and at the first id if it is an empty one. */
const slots = 8;

/** Of so many choices of a kind one at most begins elsewhere than at the first id. */
const spacing = 8;

/**
 * An order drawn from the seed (an unsigned 32-bit integer), for one agent process. As with Go's maps an order begins at a slot and goes
 * round, so that of few ids it seldom begins elsewhere than at the first. Several such turns close together are possible with
 * Juju, too, but so rare that fifty recorded runs of a scenario show few of them: they are left out, but for the first and third choice of
 * a relation, which runs with two relations showed again and again.
 */
export function seededOrder(seed: number): Order {
  const choices = new Map<string, number>();
  const turns = new Map<string, number>();
  return (purpose, ids) => {
    const sorted = ascendingOrder(purpose, ids);
    if (ids.length < 2) return sorted;
    const kind = purpose.replace(/ \d+$/, '');
    const index = choices.get(kind) ?? 0;
    choices.set(kind, index + 1);
    const start = draw(seed, purpose, slots);
    const last = turns.get(kind);
    const isSoon = last !== undefined && index - last < spacing && !(kind === 'relations' && last === 0 && index === 2);
    if (start === 0 || start >= ids.length || isSoon) return sorted;
    turns.set(kind, index);
    return [...sorted.slice(start), ...sorted.slice(0, start)];
  };
}
