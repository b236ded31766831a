import type { Observed } from './observed';
import type { UnitName } from './ids';
import { acknowledgements, indecision, standingOf, wayOn } from './plan-recreation-lead';
import { activeRecreation, begunSomewhere } from './recreating';
import {
  describeEnd,
  describeLoss,
  describeSource,
  hasBegun,
  isAtLeastPhase,
  recreationPhases,
  type Recreation,
} from './recreation';

export interface Status {
  readonly word: 'active' | 'blocked' | 'waiting' | 'maintenance';
  readonly message: string;
}

/** How long the end of a recreation stands in the status, milliseconds; recovery-status tells it as long as nothing newer is done. */
export const remarkFor = 24 * 3600_000;

/** Phases of work: the two ends are none. */
const phases = recreationPhases.length - 2;

/** While the cluster is recreated: how far it is and for whom it waits; null otherwise. */
export function recreationStatus(observed: Observed): Status | null {
  const begun = begunSomewhere(observed);
  const recreation = begun ?? activeRecreation(observed);
  if (recreation === null) return null;
  const what = recreation.purpose === 'restore' ? 'Restoring' : 'Recovering';
  const place = `phase ${recreationPhases.indexOf(recreation.phase) + 1} of ${phases}, ${recreation.phase}`;
  const head = `${what} ${describeSource(recreation)} as generation ${recreation.generation}: ${place}`;
  if (begun !== null)
    return { word: 'maintenance', message: `${head}; its action was interrupted, the leader goes on` };
  const { waitsFor, problems, creatorGone } = standingOf(observed, recreation);
  const undecided = indecision(observed, recreation);
  const troubles = [
    ...(undecided === null ? [] : [undecided]),
    ...problems.map(({ unit, why }) => `${unit}: ${why}`),
    ...(creatorGone ? [`${recreation.creator ?? ''}, which has the data, has left the application`] : []),
  ];
  if (troubles.length > 0 && hasBegun(recreation))
    return { word: 'blocked', message: `${head}; ${troubles.join('; ')}: ${wayOn(recreation)}` };
  const waiting =
    waitsFor.length === 0 ? '' : `; waiting for ${waitsFor.join(', ')}${silentAdvice(observed, recreation, waitsFor)}`;
  return { word: 'maintenance', message: `${head}${waiting}` };
}

/** How the operator goes on where units do not answer Juju: those of whom nothing was heard of this attempt. */
function silentAdvice(
  observed: Observed,
  { purpose, token, recovery, phase }: Recreation,
  waitsFor: readonly UnitName[],
): string {
  if (purpose !== 'recovery' || isAtLeastPhase(phase, 'join')) return '';
  const said = acknowledgements(observed);
  const silent = waitsFor.filter((unit) => said.get(unit)?.token !== token && unit !== observed.unit.name);
  if (silent.length === 0) return '';
  const failed = [...(recovery?.failed ?? []), ...silent].sort().join(',');
  return `: where their machines are gone, power them off and juju run ${observed.unit.application}/leader recover-quorum confirm=true failed-units=${failed}`;
}

/** For a day: what the cluster was restored to, and what is lost, or why it was not. */
export function restoredRemark({ peers, now }: Observed): readonly string[] {
  const { recreation } = peers.application.value;
  if (recreation?.finishedAt === null || recreation?.finishedAt === undefined) return [];
  if (now - recreation.finishedAt > remarkFor) return [];
  const { phase, purpose, generation } = recreation;
  if (phase === 'abandoned') return [`${purpose} was ${describeEnd(recreation)}`];
  const words = purpose === 'restore' ? 'restored to' : 'recovered with';
  return [`${words} ${describeSource(recreation)} as generation ${generation}, ${describeLoss(recreation)}`];
}
