import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordedCommand, RecordedHook, Stage } from './recording';

/** A line of a very small charm's log: `TIME start UNIT DISPATCH-PATH [REMOTE-UNIT or ACTION] [pid=N]`. */
const started = /^(\d+\.\d+) +start (\S+) (\S+)(?: (?!pid=)(\S+))?/;

/** The hooks of such a log; of each only its name and remote unit are known. */
export const plainHooks = (text: string): RecordedHook[] =>
  text.split('\n').flatMap((line): RecordedHook[] => {
    const [, time, unit = '', dispatch = '', about = ''] = started.exec(line) ?? [];
    if (time === undefined) return [];
    const remote = dispatch.startsWith('hooks/') ? about : '';
    const nothing = { argv: [], cwd: '', uid: 0, umask: '', rc: 0, tools: [] };
    return [{ ...nothing, unit, dispatch, env: { JUJU_REMOTE_UNIT: remote }, t0: Number(time), plain: true }];
  });

const applicationOf = ({ unit }: RecordedHook): string => unit.split('/')[0] ?? '';

/**
 * Logs of very small charms beside a recorded controller, as stages: one that begins with a unit's first hooks belongs to the deploy of
 * its application, one of actions alone to the next commands that ran as many. `begun` are the numbers of those commands.
 */
export async function readPlainStages(
  directory: string,
  commands: readonly RecordedCommand[],
): Promise<{ readonly stages: readonly Stage[]; readonly begun: ReadonlySet<string> }> {
  const slow = join(directory, 'slow');
  const files = [
    ...(await readdir(directory)).filter((name) => name.endsWith('.txt')).map((name) => join(directory, name)),
    ...(existsSync(slow) ? (await readdir(slow)).sort().map((name) => join(slow, name)) : []),
  ];
  const stages: Stage[] = [];
  const begun = new Set<string>();
  for (const file of files) {
    const hooks = plainHooks(await readFile(file, 'utf8'));
    const [first] = hooks;
    if (first === undefined) continue;
    const ran = hooks.filter(({ dispatch }) => dispatch.startsWith('actions/'));
    const causes = commands.filter(({ id, argv }) =>
      ran.length === 0
        ? argv[0] === 'deploy' && argv[2] === applicationOf(first)
        : argv[0] === 'run' && !begun.has(id) && argv[1]?.split('/')[0] === applicationOf(first),
    );
    const [cause] = causes;
    const isWhole = ran.length === 0 ? first.dispatch === 'hooks/install' : ran.length === hooks.length;
    // What waits for another command's end is not to be had by these alone.
    const together = causes.slice(0, Math.max(1, ran.length));
    if (cause === undefined || !isWhole || together.length < ran.length || ends(commands, together)) continue;
    for (const { id } of together) begun.add(id);
    const shift = first.t0 < cause.time ? cause.time : 0;
    stages.push({ began: cause.time, hooks: hooks.map((hook) => ({ ...hook, t0: hook.t0 + shift })) });
  }
  return { stages, begun };
}

/** Whether one of some actions was cancelled: how far it came is timing. */
function ends(commands: readonly RecordedCommand[], actions: readonly RecordedCommand[]): boolean {
  const last = actions.at(-1)?.time ?? 0;
  const next = commands.filter(({ time }) => time > last).sort((a, b) => a.time - b.time)[0];
  return next?.argv[0] === 'cancel-task';
}
