import type { Draw } from './draw';

/** How often what happens, in percent of all events; else a hook begins or goes on. */
export interface Odds {
  readonly add: number;
  readonly remove: number;
  readonly destroy: number;
  readonly reboot: number;
  readonly kill: number;
  readonly freeze: number;
  readonly elect: number;
  readonly configure: number;
  readonly tick: number;
  readonly 'update-status': number;
  readonly restore: number;
  readonly role: number;
  /** Several machines at once are off, or stand still; Juju has their units. */
  readonly away: number;
  /** Machines that were away come back, one or all together. */
  readonly back: number;
  /** A machine reaches Juju and no other machine, until the next time. */
  readonly cut: number;
  readonly recover: number;
  /** While nothing is recovered: a majority is lost, or its operator recovers what has none. */
  readonly loss: number;
}

const usual: Odds = {
  add: 4,
  remove: 2,
  destroy: 1,
  reboot: 2,
  kill: 2,
  freeze: 1,
  elect: 2,
  configure: 2,
  tick: 2,
  'update-status': 2,
  restore: 0,
  role: 0,
  away: 0,
  back: 0,
  cut: 0,
  recover: 0,
  loss: 0,
};

/**
 * The lives that a model can have: a usual one, one whose units go, with members that fall silent, one whose operator restores,
 * one whose operator changes the role, one that loses most of its machines, whose operator recovers, and one that is struck while that goes on.
 */
export const lives = {
  usual,
  shrinking: {
    ...usual,
    add: 1,
    remove: 3,
    destroy: 0,
    reboot: 0,
    kill: 0,
    freeze: 6,
    elect: 2,
    configure: 0,
    tick: 2,
    'update-status': 2,
  },
  restoring: { ...usual, restore: 4 },
  choosing: { ...usual, role: 6 },
  recovering: { ...usual, remove: 1, freeze: 1, configure: 1, away: 3, back: 2, cut: 1, recover: 3 },
  struck: {
    ...usual,
    add: 0,
    remove: 0,
    destroy: 0,
    reboot: 1,
    kill: 1,
    freeze: 0,
    elect: 1,
    configure: 0,
    tick: 8,
    'update-status': 1,
    away: 1,
    back: 1,
    recover: 1,
    loss: 6,
  },
} as const satisfies Record<string, Odds>;

export type Life = keyof typeof lives;

/** What happens next; `proceed` where no event does. */
export function drawEvent(draw: Draw, odds: Odds): keyof Odds | 'proceed' {
  let left = draw(100);
  for (const [event, percent] of Object.entries(odds) as [keyof Odds, number][]) {
    if (left < percent) return event;
    left -= percent;
  }
  return 'proceed';
}
