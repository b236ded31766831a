import type { Fault } from 'juju-emulator';
import type { CrashPoint } from './crash-points';
import type { LightModel } from './light-model';

/** A hook-tool call of a hook, as the recording run has it. */
export interface RecordedCall {
  readonly unit: string;
  readonly hook: string;
  readonly occurrence: number;
  readonly call: number;
}

/** A hook of one unit. */
export type RecordedHook = Omit<RecordedCall, 'call'>;

/** What a run without faults does: everything that a crash can hit. */
export interface Recording {
  readonly calls: readonly RecordedCall[];
  readonly effects: readonly CrashPoint[];
  /** Hooks of the units while each was Juju's leader. */
  readonly leaderHooks: readonly RecordedHook[];
  /** Those of them that wrote something that the leader decides. */
  readonly deciding: readonly RecordedHook[];
}

/** How a hook is killed at a tool call. */
export const variants = [
  { when: 'before', withAgent: false },
  { when: 'after', withAgent: false },
  { when: 'before', withAgent: true },
  { when: 'after', withAgent: true },
] as const;

/** One run with faults; `points` are the names of what it is to hit. */
export interface Round {
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly crashAt: readonly CrashPoint[];
  readonly points: readonly string[];
}

const patienceMs = 150_000;
const patiencePerFaultMs = 2_000;

/**
 * What every run goes through: founding by two, a third joining, and the first one leaving, with writes that must stay. Ends with
 * one healthy cluster at rest, or throws.
 */
export async function liveThrough(
  model: LightModel,
  crashAt: readonly CrashPoint[] = [],
  faults: readonly unknown[] = [],
): Promise<void> {
  // Each of them costs a hook that is run again.
  const patience = patienceMs + (crashAt.length + faults.length) * patiencePerFaultMs;
  await model.deploy(2, crashAt);
  await model.healthy(2, patience);
  await model.write('by-two');
  await model.emulator.addUnit('etcd');
  await model.healthy(3, patience);
  await model.write('by-three');
  await model.emulator.removeUnit('etcd/0');
  await model.healthy(2, patience);
  await model.write('by-the-rest');
  await model.expectOneCluster();
  await model.expectAtRest();
}

/** Reads what a run did from its journal. Commands of timers are left out but for the first: how many there are is a matter of time. */
export function recordingOf(model: LightModel): Recording {
  const calls: RecordedCall[] = [];
  for (const { event, unit, detail } of model.emulator.journal()) {
    if (event !== 'tool call' || unit?.startsWith('etcd/') !== true) continue;
    const { hook, occurrence, n } = detail as { hook: string; occurrence: number; n: number };
    if (byTimer(hook) && (hook === 'update-status' || occurrence > 1)) continue;
    calls.push({ unit, hook, occurrence, call: n });
  }
  const effects = ['etcd/0', 'etcd/1', 'etcd/2'].flatMap((unit) => {
    const seen = new Map<string, number>();
    return model.effects(unit).map((label) => {
      const occurrence = (seen.get(label) ?? 0) + 1;
      seen.set(label, occurrence);
      return { unit, label, occurrence };
    });
  });
  return { calls, effects: effects.filter(({ label }) => !label.includes('wake-later')), ...leaderHooksOf(model) };
}

const byTimer = (hook: string): boolean => hook === 'update-status' || hook === 'run-commands';

function leaderHooksOf(model: LightModel): Pick<Recording, 'leaderHooks' | 'deciding'> {
  const hooks = new Map<string, RecordedHook & { deciding: boolean; began: string }>();
  for (const [index, { event, time, unit = '', detail }] of model.emulator.journal().entries()) {
    const leader = model.leaders.filter(({ since }) => since <= index).at(-1)?.unit;
    if (event !== 'tool call' || unit !== leader) continue;
    const { hook, occurrence } = detail as { hook: string; occurrence: number };
    const name = `${unit} ${hook} ${occurrence}`;
    if (!byTimer(hook) && !hooks.has(name)) hooks.set(name, { unit, hook, occurrence, deciding: false, began: time });
  }
  for (const { entity, time, message } of model.emulator.log()) {
    if (!/Decided the founding|Recorded which unit/.test(message)) continue;
    const during = [...hooks.values()]
      .filter(({ unit, began }) => entity === `unit-${unit.replace('/', '-')}` && began <= time)
      .at(-1);
    if (during !== undefined) during.deciding = true;
  }
  const named = ({ unit, hook, occurrence }: RecordedHook): RecordedHook => ({ unit, hook, occurrence });
  return {
    leaderHooks: [...hooks.values()].map(named),
    deciding: [...hooks.values()].filter(({ deciding }) => deciding).map(named),
  };
}

const callName = ({ unit, hook, occurrence, call }: RecordedCall, when: string, withAgent: boolean): string =>
  `${unit} ${hook} #${occurrence}, killed ${when} call ${call}${withAgent ? ' with its agent' : ''}`;
export const effectName = ({ unit, label, occurrence }: CrashPoint): string =>
  `${unit} killed at ${label} #${occurrence}`;
const commitName = ({ unit, hook, occurrence }: RecordedHook, what: string): string =>
  `${unit} ${hook} #${occurrence}, ${what}`;

/** What was not hit yet, by name; everything at first. */
export type Wanted = (point: string) => boolean;
const everything: Wanted = () => true;

/**
 * Rounds that kill every hook at every call, each way. A round kills each of its hooks up to `kills` times, at calls that lie apart: a
 * killed hook is tried again by Juju, so each kill finds the hook beginning anew.
 */
export function killRounds({ calls }: Recording, kills: number, wanted = everything): Round[] {
  const longest = Math.max(...calls.map(({ call }) => call));
  const stride = Math.ceil(longest / kills);
  const rounds = variants.flatMap(({ when, withAgent }) =>
    Array.from({ length: stride }, (_, index): Round => {
      const hit = calls.filter((each) => each.call % stride === index && wanted(callName(each, when, withAgent)));
      return {
        name: `every hook killed ${when} call ${index} of ${stride}${withAgent ? ' with its agent' : ''}`,
        crashAt: [],
        faults: hit.map((each) => ({ kind: 'kill', when, withAgent, ...each })),
        points: hit.map((each) => callName(each, when, withAgent)),
      };
    }),
  );
  return rounds.filter(({ points }) => points.length > 0);
}

/** How many effects of a unit's charm lie at least between two at which one round kills it: the first kill is mended by then. */
const apart = 12;

/**
 * Rounds that kill the charm at each of its effects, up to `kills` of each unit in one. Two points of one round never have the same
 * label, since a step that is done again after a kill would be taken for the next of its name.
 */
export function effectRounds({ effects }: Recording, kills: number, wanted = everything): Round[] {
  const rounds: CrashPoint[][] = [];
  for (const unit of new Set(effects.map((effect) => effect.unit))) {
    const packed: { readonly labels: Set<string>; last: number }[] = [];
    effects
      .filter((effect) => effect.unit === unit)
      .forEach((point, index) => {
        if (!wanted(effectName(point))) return;
        const fits = packed.findIndex(
          ({ labels, last }) => labels.size < kills && !labels.has(point.label) && index - last >= apart,
        );
        const chosen = fits === -1 ? packed.length : fits;
        const { labels } = (packed[chosen] ??= { labels: new Set(), last: 0 });
        labels.add(point.label);
        Object.assign(packed[chosen], { last: index });
        (rounds[chosen] ??= []).push(point);
      });
  }
  return rounds.map((crashAt) => {
    const points = crashAt.map(effectName);
    return { name: `killed at ${points.join(', ')}`, faults: [], crashAt, points };
  });
}

/**
 * One round for each hook of a leader: leadership is lost between check and commit. And one for each that decides something: its
 * commit is refused and leadership moves.
 */
export function commitRounds({ leaderHooks, deciding }: Recording, wanted = everything): Round[] {
  const lose = (hook: RecordedHook): Fault => ({
    kind: 'lose-leadership-at-commit',
    to: hook.unit === 'etcd/1' ? 'etcd/0' : 'etcd/1',
    ...hook,
  });
  const round = (name: string, faults: readonly Fault[]): Round => ({ name, faults, crashAt: [], points: [name] });
  const rounds = [
    ...leaderHooks.map((hook) => round(commitName(hook, 'leadership lost at commit'), [lose(hook)])),
    ...deciding.map((hook) =>
      round(commitName(hook, 'commit refused and leadership moved'), [lose(hook), { kind: 'refuse-commit', ...hook }]),
    ),
  ];
  return rounds.filter(({ name }) => wanted(name));
}

/** Which of a round's points were hit in its run. */
export function hitIn(model: LightModel, round: Round): string[] {
  const hit = new Set(model.struck().map(effectName));
  for (const { event, unit = '', detail } of model.emulator.journal()) {
    if (event !== 'fault: kill') continue;
    const fault = detail as unknown as RecordedCall & { when: string; withAgent: boolean };
    hit.add(callName({ ...fault, unit }, fault.when, fault.withAgent));
  }
  const isCommit = round.faults.some(({ kind }) => kind === 'lose-leadership-at-commit');
  const happened = model.emulator.controller.faults.armed.length === 0;
  return round.points.filter((point) => hit.has(point) || (isCommit && happened));
}
