import type { ActionResults } from '@juju/charm-helpers-ts';
import { describeDisagreements } from '../domain/configuration';
import type { Observed } from '../domain/observed';
import { sumsSaid } from '../domain/plan-configuration';
import { acknowledgements, indecision, standingOf, wayOn } from '../domain/plan-recreation-lead';
import { begunSomewhere } from '../domain/recreating';
import {
  describeEnd,
  describeLoss,
  describeSource,
  isEnded,
  isSuperseded,
  lostRevisions,
  type Recreation,
} from '../domain/recreation';
import { done, type Action } from './action';
import { resultKey } from './table';

function unitLines(observed: Observed, recreation: Recreation): readonly (readonly [string, string])[] {
  const said = acknowledgements(observed);
  const { units } = standingOf(observed, recreation);
  return (units ?? recreation.units).map((unit) => {
    const one = said.get(unit);
    if (one?.token !== recreation.token) return [unit, 'has not answered yet'];
    return [unit, one.problem === null ? `has acknowledged ${one.phase}` : `cannot go on: ${one.problem}`];
  });
}

function recoveryResults({ recovery }: Recreation): ActionResults {
  if (recovery === null) return {};
  const { wanted, chosen, why, failed, kept, seeder, masters } = recovery;
  return {
    source: chosen ?? wanted,
    ...(why === null ? {} : { why }),
    ...(failed.length === 0 ? {} : { 'failed-units': failed.join(',') }),
    ...(kept === null ? {} : { 'kept-uncommitted': kept }),
    ...(chosen === 'files' ? { masters: masters.join(',') } : {}),
    ...(seeder === null ? {} : { 'configuration-from': seeder }),
  };
}

/** Files that were not the same everywhere, and what each unit's load told. */
function configurationLines(observed: Observed, recreation: Recreation): readonly string[] {
  if (recreation.recovery === null) return [];
  const { token, recovery } = recreation;
  const loads = [...acknowledgements(observed)].flatMap(([unit, said]) =>
    said?.token === token ? said.configuration.loads.map((line) => `${unit} loaded: ${line}`) : [],
  );
  return [...describeDisagreements(sumsSaid(observed, recreation), recovery.seeder), ...loads];
}

const isReplaced = (observed: Observed, recreation: Recreation): boolean =>
  isSuperseded(recreation, observed.peers.application.value.founding);

const isOver = (observed: Observed, recreation: Recreation): boolean =>
  isEnded(recreation) || isReplaced(observed, recreation);

function stateOf(observed: Observed, recreation: Recreation): string {
  if (isReplaced(observed, recreation)) return 'a newer cluster is decided';
  const { phase } = recreation;
  if (phase === 'abandoned') return describeEnd(recreation);
  return phase === 'done' ? `done; ${describeLoss(recreation)}` : `phase ${phase}`;
}

function report(observed: Observed, recreation: Recreation): ActionResults {
  const lost = lostRevisions(recreation);
  const { phase, generation, purpose, snapshot, creator } = recreation;
  const { waitsFor, problems, creatorGone } = standingOf(observed, recreation);
  const ended = isOver(observed, recreation);
  const lines = unitLines(observed, recreation);
  const from = `generation ${generation}, ${describeSource(recreation)}`;
  const summary = `${purpose} of ${from}: ${stateOf(observed, recreation)}`;
  const undecided = ended ? null : indecision(observed, recreation);
  const stuck = problems.length > 0 || creatorGone || undecided !== null;
  return {
    phase,
    purpose,
    generation,
    ...(creator === null ? {} : { creator }),
    ...(snapshot === null ? {} : { revision: snapshot.revision.toString() }),
    ...recoveryResults(recreation),
    ...(lost === null ? {} : { 'lost-from': lost.from.toString(), 'lost-to': lost.to.toString() }),
    ...(recreation.finishedAt === null ? {} : { finished: new Date(recreation.finishedAt).toISOString() }),
    ...(recreation.bump ? {} : { warning: 'the revision was not raised: watchers must be started anew' }),
    ...(ended ? {} : { 'waits-for': waitsFor.join(',') }),
    ...(ended || lines.length === 0
      ? {}
      : { units: Object.fromEntries(lines.map(([unit, words]) => [resultKey(unit), words])) }),
    output: [
      summary,
      ...(ended ? [] : lines.map(([unit, words]) => `${unit} ${words}`)),
      ...configurationLines(observed, recreation),
      ...(undecided === null ? [] : [undecided]),
      ...(ended || waitsFor.length === 0 ? [] : [`waits for ${waitsFor.join(', ')}`]),
      ...(ended || !stuck
        ? []
        : [creatorGone ? `${creator ?? ''} has left the application: ${wayOn(recreation)}` : wayOn(recreation)]),
    ].join('\n'),
  };
}

/** `recovery-status`: how far the recreating of the cluster is, on every unit, or how the last one ended. */
export const action: Action = async ({ observe }) => {
  const observed = await observe();
  const recreation = begunSomewhere(observed) ?? observed.peers.application.value.recreation;
  return done(
    recreation === null ? { phase: 'none', output: 'the cluster was never recreated' } : report(observed, recreation),
  );
};
