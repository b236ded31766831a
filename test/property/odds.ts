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
};

/** The lives that a model can have: a usual one, one whose units go, with members that fall silent, one whose operator restores, and one whose operator changes the role. */
export const lives = {
  usual,
  shrinking: {
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
    restore: 0,
    role: 0,
  },
  restoring: { ...usual, restore: 4 },
  choosing: { ...usual, role: 6 },
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
