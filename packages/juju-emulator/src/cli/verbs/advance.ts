import { CliError } from '../cli-error';
import { milliseconds, type Registry, sessionOf, verb } from '../program';

/** advance: the model's clock put forward. */
export function registerAdvance(registry: Registry): void {
  verb(registry, 'advance <duration>', "Puts the model's clock forward: what falls due by that happens now")
    .missing('no duration specified')
    .details(
      'Rotations and expiries of secrets, retries of failed hooks and update-status ticks follow the model’s clock.',
    )
    .examples('juju-emulator advance 25h', 'juju-emulator advance 5m')
    .action(async (duration: string, flags: { model?: string }) => {
      const ms = milliseconds(duration);
      if (ms === undefined) throw new CliError(`invalid duration "${duration}": give 90s, 5m or 25h`, 2);
      await sessionOf(flags).call('advance', { milliseconds: ms });
    });
}
