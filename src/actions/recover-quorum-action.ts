import type { ActionResults } from '@juju/charm-helpers-ts';
import { unitName, type UnitName } from '../domain/ids';
import { unitsInApplication, unitOfMember } from '../domain/member';
import type { Observed } from '../domain/observed';
import {
  beginRecovery,
  hasNothingToRecover,
  recoveryRefusal,
  stepsToRecover,
  unitsAsked,
  type RecoveryRequest,
} from '../domain/plan-recover';
import { seekPatience } from '../domain/plan-recovery';
import type { Recreation } from '../domain/recreation';
import { raftTail } from '../ports/raft-tail';
import { installedTool } from '../ports/snapshot-tool';
import { done, failed, type Action, type ActionCall } from './action';
import { formatBytes, formatTable, resultKey } from './table';

const pollMs = 200;

const namesOf = (text: string): readonly UnitName[] =>
  text
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map(unitName);

/** Whether a majority is there after all: looked for as long as each unit looks in the survey. */
async function majorityShows({ lookAgain, execution: { clock } }: ActionCall, seen: Observed): Promise<boolean> {
  const deadline = clock.monotonic() + seekPatience;
  for (let observed = seen; ; observed = await lookAgain()) {
    if (hasNothingToRecover(observed)) return true;
    if (clock.monotonic() >= deadline) return false;
    await clock.sleep(pollMs);
  }
}

/** `recover-quorum`: gives up a cluster that cannot agree any more and begins a new one with what is left of it. */
export const action: Action = async (call) => {
  const { parameters, execution, observe, lookAgain, perform } = call;
  const given = {
    wanted: parameters.text('source', 'auto') as RecoveryRequest['wanted'],
    failed: namesOf(parameters.text('failed-units')),
    masters: namesOf(parameters.text('masters')),
  };
  const first = await observe();
  const early = recoveryRefusal(first, given);
  if (early !== null) return failed(early);
  if (await majorityShows(call, first))
    return failed(
      'The cluster has quorum, so nothing is lost and nothing was changed: remove-failed-member removes a single dead member, restore goes back to a backup.',
    );
  const observed = await lookAgain();
  const late = recoveryRefusal(observed, given);
  if (late !== null) return failed(late);
  const tool = await installedTool(execution);
  const recreation = beginRecovery(observed, { ...given, bump: await tool.canBump() });
  const units = unitsAsked(recreation, unitsInApplication(observed) ?? new Set());
  if (parameters.flag('dry-run')) return done(await plan(call, observed, recreation, units));
  if (!parameters.flag('confirm'))
    return failed(
      `This gives up the old cluster for good, and ${given.failed.length === 0 ? 'no machine of it may come back' : `${given.failed.join(', ')} must be powered off`}: look with dry-run=true, then give confirm=true.`,
    );
  for (const step of stepsToRecover(observed, recreation)) await perform(step);
  return done({
    ...results(recreation, units),
    output: [
      `Recovering as generation ${recreation.generation}, by ${units.join(', ')}.`,
      'Each unit looks for a majority first: where one finds it, nothing is stopped.',
      'The units do the rest: juju status and the action recovery-status show how far they are.',
      ...bumpWarning(recreation),
    ].join('\n'),
  });
};

const bumpWarning = ({ bump }: Recreation): readonly string[] =>
  bump ? [] : ['Warning: this version of etcd cannot raise the revision: watchers must be started anew.'];

const results = ({ generation, recovery }: Recreation, units: readonly UnitName[]): ActionResults => ({
  generation,
  source: recovery?.wanted ?? 'auto',
  units: units.join(','),
  ...(recovery?.failed.length === 0 ? {} : { 'failed-units': recovery?.failed.join(',') ?? '' }),
});

/** What one member tells of itself while it runs; of its own log this unit reads the end. */
interface Survivor {
  readonly unit: string;
  readonly term: string;
  readonly index: string;
  readonly commit: string;
  readonly revision: string;
  readonly size: string;
}

async function survivorsSeen({ execution }: ActionCall, observed: Observed): Promise<readonly Survivor[]> {
  const { members, statuses } = observed.cluster;
  const own = await raftTail(execution.files, execution.paths.data).catch(() => null);
  const told = (members.known ? members.value : []).flatMap((member): readonly Survivor[] => {
    const status = statuses.get(member.id);
    const unit = unitOfMember(observed, member) ?? member.name;
    if (status?.known !== true) return [];
    const { raftTerm, raftIndex, revision, dbSize } = status.value;
    const log = unit === observed.unit.name ? own : null;
    return [
      {
        unit,
        term: `${log?.last.term ?? raftTerm}`,
        index: log === null ? 'once stopped' : `${log.last.index}`,
        commit: `${raftIndex}`,
        revision: `${revision}`,
        size: formatBytes(dbSize),
      },
    ];
  });
  if (told.some(({ unit }) => unit === observed.unit.name) || own === null) return told;
  const { last, state } = own;
  const size = formatBytes(await execution.files.usage(execution.paths.data));
  const here = { term: `${last.term}`, index: `${last.index}`, commit: `${state.commit}`, revision: 'unknown', size };
  return [{ unit: observed.unit.name, ...here }, ...told];
}

async function plan(
  call: ActionCall,
  observed: Observed,
  recreation: Recreation,
  units: readonly UnitName[],
): Promise<ActionResults> {
  const { generation, replaces, recovery } = recreation;
  const survivors = await survivorsSeen(call, observed);
  const columns = [
    ['UNIT', ({ unit }: Survivor) => unit],
    ['TERM', ({ term }: Survivor) => term],
    ['LAST ENTRY', ({ index }: Survivor) => index],
    ['COMMITTED', ({ commit }: Survivor) => commit],
    ['REVISION', ({ revision }: Survivor) => revision],
    ['SIZE', ({ size }: Survivor) => size],
  ] as const;
  const sources = {
    auto: 'the unit whose log reaches furthest; without any readable log the newest good backup',
    survivor: 'the unit whose log reaches furthest',
    snapshot: 'the newest good backup on any of the units',
    files: 'nothing: the cluster begins empty',
  };
  return {
    ...results(recreation, units),
    ...(survivors.length === 0
      ? {}
      : { survivors: Object.fromEntries(survivors.map((one) => [resultKey(one.unit), { ...one }])) }),
    output: [
      `Would recover as generation ${generation}, in place of generation ${replaces}, by ${units.join(', ')}.`,
      `Begins with: ${sources[recovery?.wanted ?? 'auto']}.`,
      ...(survivors.length === 0 ? ['No member answers here.'] : formatTable<Survivor>(columns, survivors)),
      'What a survivor had in its log is kept, also what was not known to be agreed on; what only lost members had is lost.',
      `Not waited for: ${recovery?.failed.length === 0 ? 'nobody' : `${recovery?.failed.join(', ') ?? ''}, whose machines must be powered off`}.`,
      'Old data directories are moved aside on every unit, none is removed.',
      ...bumpWarning(recreation),
      'Nothing was changed.',
    ].join('\n'),
  };
}
