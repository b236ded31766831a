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

const relations = 'relations';

/** Whether the `index`-th choice of a kind is one that begins elsewhere than at the first id. */
function isTurned(seed: number, kind: string, index: number): boolean {
  const plan = (of: string, window: number): number => draw(seed, `${of} ${window}`, of === relations ? 10 : 5);
  const twice = 8;
  if (kind === relations) {
    const chosen = plan(kind, index >> 3);
    return chosen === twice ? index === 0 || index === 2 : index % 8 === chosen;
  }
  return index % 4 === plan(kind, index >> 2) && plan(relations, 0) !== twice;
}

/**
 * An order drawn from the seed (an unsigned 32-bit integer), for one agent process: it counts the choices that were to
 * make. As with Go's maps an order begins somewhere and goes round, and for a few ids that is seldom elsewhere than at
 * the first: turned is one choice in four of a kind, of relations' hooks one in eight or two near another. Several turns
 * close together are possible with Juju, too, but so rare that fifty recorded runs of a scenario show few of them.
 */
export function seededOrder(seed: number): Order {
  const choices = new Map<string, number>();
  return (purpose, ids) => {
    const sorted = ascendingOrder(purpose, ids);
    if (ids.length < 2) return sorted;
    const kind = purpose.replace(/ \d+$/, '');
    const index = choices.get(kind) ?? 0;
    choices.set(kind, index + 1);
    if (!isTurned(seed, kind, index)) return sorted;
    const start = 1 + draw(seed, purpose, ids.length - 1);
    return [...sorted.slice(start), ...sorted.slice(0, start)];
  };
}
