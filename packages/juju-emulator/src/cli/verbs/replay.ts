import { readJournal, replay } from '../../controller/replay';
import { CliError } from '../cli-error';
import { plainVerb, type Registry } from '../program';

/** replay: a journal's commands and faults once more. */
export function registerReplay(registry: Registry): void {
  const { terminal } = registry;
  plainVerb(
    registry,
    'replay <journal>',
    'does what a journal (journal.jsonl of a model made with --light --one-at-a-time) has once more, and compares the hooks',
  ).action(async (path: string) => {
    const { seed, recorded, replayed } = await replay(readJournal(path));
    for (const line of replayed) terminal.out(`${line}\n`);
    const different = Array.from({ length: Math.max(recorded.length, replayed.length) }, (_, index) => index).find(
      (index) => recorded[index] !== replayed[index],
    );
    if (different === undefined) {
      terminal.err(`the same ${replayed.length} hooks in the same order (seed ${seed})\n`);
      return;
    }
    throw new CliError(
      `hook ${different + 1} differs: recorded ${recorded[different] ?? 'none'}, now ${replayed[different] ?? 'none'} (seed ${seed})`,
    );
  });
}
