import type { Observed } from './observed';
import { standingOf, wayOn } from './plan-recreation-lead';
import { activeRecreation, begunSomewhere } from './recreating';
import { describeLoss, hasBegun, recreationPhases } from './recreation';

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
  const head = `${what} revision ${recreation.snapshot.revision} as generation ${recreation.generation}: ${place}`;
  if (begun !== null)
    return { word: 'maintenance', message: `${head}; its action was interrupted, the leader goes on` };
  const { waitsFor, problems, creatorGone } = standingOf(observed, recreation);
  const troubles = [
    ...problems.map(({ unit, why }) => `${unit}: ${why}`),
    ...(creatorGone ? [`${recreation.creator}, which has the snapshot, has left the application`] : []),
  ];
  if (troubles.length > 0 && hasBegun(recreation))
    return { word: 'blocked', message: `${head}; ${troubles.join('; ')}: ${wayOn(recreation)}` };
  const waiting = waitsFor.length === 0 ? '' : `; waiting for ${waitsFor.join(', ')}`;
  return { word: 'maintenance', message: `${head}${waiting}` };
}

/** For a day: what the cluster was restored to, and what is lost, or why it was not. */
export function restoredRemark({ peers, now }: Observed): readonly string[] {
  const { recreation } = peers.application.value;
  if (recreation?.finishedAt === null || recreation?.finishedAt === undefined) return [];
  if (now - recreation.finishedAt > remarkFor) return [];
  const { phase, purpose, snapshot, generation, problem } = recreation;
  if (phase === 'abandoned') return [`${purpose} was given up, nothing was touched: ${problem ?? 'no reason given'}`];
  return [`restored to revision ${snapshot.revision} as generation ${generation}, ${describeLoss(recreation)}`];
}
