import type { TurnHolder } from '../domain/observed';
import type { ActionCall } from './action';

/** As long as a restart's: kept alive by long steps, over by itself when this unit dies. */
const turnSeconds = 60;
/** How long another unit's turn is waited for, milliseconds: longer than a turn lives that nobody keeps. */
const patienceMs = 120_000;
const lookEveryMs = 1000;

/** The lease of the turn, or why there is none. */
export type Turn = { readonly lease: string | null } | { readonly refusal: string };

const heldBy = ({ unit, purpose }: TurnHolder): string =>
  `${unit} has the turn (${purpose || 'for what it does not say'})`;

/**
 * Takes the turn that restarts take, too, so that only one member is away at a time; waits for another unit's, bounded. A store that is
 * full takes no lease, and then nobody can have a turn: the lease is null, as long as none from before is left.
 */
export async function takeTurn(call: ActionCall, purpose: string): Promise<Turn> {
  const { clock } = call.execution;
  const deadline = clock.monotonic() + patienceMs;
  let told = '';
  for (let observed = await call.lookAgain(); ; observed = await call.lookAgain()) {
    const { turn, alarms } = observed.cluster;
    if (!turn.known)
      return { refusal: `It is unknown whose turn it is (${turn.reason}): look at health, then try again.` };
    const holder = turn.value;
    if (holder === null) {
      if (alarms.known && alarms.value.some(({ alarm }) => alarm === 'NOSPACE')) return { lease: null };
      // Another unit may have been faster: looked at again.
      await call.perform({ kind: 'take-turn', purpose, ttlSeconds: turnSeconds });
    } else if (holder.unit === observed.unit.name) {
      if (holder.purpose === purpose) return { lease: holder.lease };
      // Left behind by a killed hook: hooks and actions of a unit never run at once.
      await call.perform({ kind: 'release-turn' });
    } else {
      if (clock.monotonic() >= deadline)
        return { refusal: `${heldBy(holder)}: wait until it is done, then try again.` };
      if (told !== holder.unit) await call.progress(`waiting: ${heldBy(holder)}`);
      told = holder.unit;
      await clock.sleep(lookEveryMs);
    }
  }
}
