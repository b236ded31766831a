import type { Difference, VerifyResult } from '../result';
import { Normaliser, answerOf, between, depends } from './answers';
import { clientComparisons } from './client-output';
import { changesOf, orderOf } from './hook-order';
import { type Operate, type PlayedBatch, playController } from './play';
import { type Batch, type RecordedHook, readControllerRecording, refused, waits } from './recording';

export { isControllerRecording } from './recording';
export type { CommandResult, Operate } from './play';

export interface ControllerVerification extends VerifyResult {
  /** Answers that were given at another moment than the recorded ones: counted as matched. */
  readonly moments: number;
}

/**
 * Plays the commands of a recorded controller and compares, unit by unit: the order of hooks, the environment of each, and what
 * hook tools answered. Timing and the order that Juju leaves open are not compared.
 */
export async function verifyController(
  directory: string,
  options: {
    readonly operate: Operate;
    readonly seed: number;
    readonly until?: string;
    /** Numbers of commands that are not given, e.g. because they failed there for reasons that are not recorded. */
    readonly without?: readonly string[];
    readonly onProgress?: (line: string) => void;
    readonly onBatch?: (played: PlayedBatch) => void;
  },
): Promise<ControllerVerification> {
  const recording = await readControllerRecording(directory, options.without);
  const played = await playController(recording, {
    ...options,
    onBatch: (done) => {
      const { batch, hooks } = done;
      options.onBatch?.(done);
      options.onProgress?.(
        `${batch.name} ${batch.commands.map(({ argv }) => argv.join(' ')).join('; ')}: ${String(hooks.length)} hooks, recorded ${String(batch.hooks.length)}`,
      );
    },
  });
  return compareController(played);
}

/** The comparison by itself. */
export function compareController(played: readonly PlayedBatch[]): ControllerVerification {
  const recorded = new Normaliser(played.flatMap(({ batch }) => batch.hooks));
  const own = new Normaliser(played.flatMap(({ hooks }) => hooks));
  const recordedHooks = played.flatMap(({ batch }) => batch.hooks);
  const differences: Difference[] = [];
  let [total, matched, moments] = [0, 0, 0];
  const expect = (id: string, where: string, expected: string, actual: string): void => {
    total += 1;
    if (expected === actual) matched += 1;
    else differences.push({ id, where, expected, actual });
  };
  const answered = new Map<string, string[]>();
  for (const { hooks } of played)
    for (const hook of hooks)
      for (const call of hook.tools) {
        const key = `${askerOf(hook.unit, call.cmd)} ${own.text(call.cmd.join(' '))}`;
        answered.set(key, [...(answered.get(key) ?? []), answerOf(call, own)]);
      }
  for (const { batch, hooks } of played.filter((each) => !unheard(each.batch))) {
    for (const unit of unitsOf([...batch.hooks, ...hooks])) {
      const ours = hooks.filter((hook) => hook.unit === unit);
      const changed = ours.some(({ dispatch }) => dispatch === 'hooks/config-changed');
      const theirs = batch.hooks.filter((hook) => hook.unit === unit && (changed || !isEcho(hook, recordedHooks)));
      const id = `${batch.name} ${unit}`;
      expect(id, 'order', orderOf(theirs).join(', '), orderOf(ours).join(', '));
      expect(id, 'changes', changesOf(theirs).join(', '), changesOf(ours).join(', '));
      for (const [expected, actual] of pairs(theirs, ours)) {
        const name = `${id} ${labelOf(expected)}`;
        if (expected.plain === true) continue;
        for (const aspect of ['cwd', 'uid', 'umask', 'argv'] as const)
          expect(name, aspect, recorded.text(String(expected[aspect])), own.text(String(actual[aspect])));
        expect(name, 'environment', environmentOf(expected, recorded), environmentOf(actual, own));
        // How many members and bags there are to ask for depends on the moment; which tools answer at all does not.
        expect(name, 'tools', toolsOf(expected), toolsOf(actual));
        for (const call of expected.tools) {
          const answer = answerOf(call, recorded);
          const like = callLike(call.cmd, recorded, actual, own);
          if (like === undefined) continue;
          const ownAnswer = answerOf(like, own);
          const raced =
            answer !== ownAnswer &&
            depends(call.cmd) &&
            between(
              answer,
              answered.get(`${askerOf(unit, call.cmd)} ${recorded.text(call.cmd.join(' '))}`) ?? [],
              call.cmd[0] === 'relation-get',
            );
          if (raced) moments += 1;
          expect(name, recorded.text(call.cmd.join(' ')), answer, raced ? answer : ownAnswer);
        }
      }
    }
  }
  for (const { id, where, expected, actual } of clientComparisons(played)) expect(id, where, expected, actual);
  return { matched, total, moments, differences };
}

/** Juju runs config-changed twice for one change (its README says so): the second may have come after the next command. */
const isEcho = (hook: RecordedHook, all: readonly RecordedHook[]): boolean =>
  hook.dispatch === 'hooks/config-changed' &&
  all.some(
    ({ unit, dispatch, t0 }) =>
      unit === hook.unit && dispatch === hook.dispatch && t0 < hook.t0 && hook.t0 - t0 < echoSeconds,
  );
const echoSeconds = 2;

/** Whose answers are alike: goal-state says the same to all units of an application. */
const askerOf = (unit: string, cmd: readonly string[]): string =>
  cmd[0] === 'goal-state' ? (unit.split('/')[0] ?? '') : unit;

/** Commands that always bring hooks. */
const loud = new Set(['deploy', 'integrate', 'remove-relation']);

/** Commands that bring hooks, and there is none: their log is not part of the recording, which says nothing of such a batch. */
const unheard = ({ commands, hooks }: Batch): boolean =>
  hooks.length === 0 &&
  commands.some((command) => waits(command) || (loud.has(command.argv[0] ?? '') && !refused(command)));

const toolsOf = ({ tools }: RecordedHook): string =>
  [...new Set(tools.map(({ cmd }) => cmd[0] ?? ''))].filter((tool) => tool !== 'relation-get').join(' ');

const unitsOf = (hooks: readonly RecordedHook[]): string[] => [...new Set(hooks.map(({ unit }) => unit))].sort();

const labelOf = ({ dispatch, env }: RecordedHook): string =>
  [dispatch, env['JUJU_REMOTE_UNIT'] ?? ''].filter((word) => word !== '').join(' ');

/** Each recorded hook with the emulator's of the same kind and number; a hook that came more often there is paired with the last. */
function pairs(theirs: readonly RecordedHook[], ours: readonly RecordedHook[]): [RecordedHook, RecordedHook][] {
  const seen = new Map<string, number>();
  return theirs.flatMap((hook): [RecordedHook, RecordedHook][] => {
    const key = kindOf(hook);
    const number = seen.get(key) ?? 0;
    seen.set(key, number + 1);
    const like = ours.filter((each) => kindOf(each) === key);
    const chosen = like[number] ?? like.at(-1);
    return chosen === undefined ? [] : [[hook, chosen]];
  });
}

const kindOf = ({ dispatch, env, rc }: RecordedHook): string =>
  [dispatch, env['JUJU_RELATION_ID'], env['JUJU_REMOTE_UNIT'], env['JUJU_STORAGE_ID'], rc].join(' ');

/** The n-th call of a command line pairs with the n-th; here the same words are asked often, and answers change at commits only. */
function callLike(
  cmd: readonly string[],
  recorded: Normaliser,
  hook: RecordedHook,
  own: Normaliser,
): RecordedHook['tools'][number] | undefined {
  const wanted = recorded.text(cmd.join(' '));
  return hook.tools.find((call) => own.text(call.cmd.join(' ')) === wanted);
}

/** Values that the host or the operator gives, not Juju. */
const hostsOwn = new Set(['TERM', 'LANG', 'JUJU_API_ADDRESSES', 'JUJU_MODEL_NAME']);

const environmentOf = ({ env }: RecordedHook, normaliser: Normaliser): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${hostsOwn.has(name) ? '<host>' : normaliser.text(value)}`)
    .sort()
    .join('\n');
