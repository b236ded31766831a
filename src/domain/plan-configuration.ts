import { saidNothing, type ConfigurationSaid, type LoadRecord, type SumsByUnit } from './configuration';
import type { Desired } from './desired';
import type { UnitName } from './ids';
import { healthyVoterUrls, isLeaving } from './member';
import type { Observed } from './observed';
import { planMirror } from './plan-mirror';
import { acknowledgements, standingOf } from './plan-recreation-lead';
import { activeRecreation } from './recreating';
import { hasAcknowledged, type Recreation } from './recreation';
import { done, problem, work, type Part, type Phase } from './recreation-part';
import type { Step } from './step';

/** How soon a load that something on the disk stood in the way of is tried again, seconds. */
export const loadRetrySeconds = 30;

/** The type of Clearwater's nodes that have data stores. */
const storeNodes = 'vellum';

/**
 * Clearwater's cluster manager rests from before etcd stops until every key is loaded (clearwater-and-stups.md A.5): each phase between
 * begins with it, also on a unit that comes late. An operator's marker keeps it from starting; one that runs is stopped all the same.
 */
export const holding =
  (phase: Phase): Phase =>
  (observed, desired, recreation) => {
    const { configuration, memory } = observed;
    const { clearwater, held } = configuration;
    const { purpose, token } = recreation;
    const rests = held === 'charm' || (held === 'operator' && memory.managerStopped === token);
    if (purpose !== 'recovery' || !clearwater || rests || isLeaving(observed))
      return phase(observed, desired, recreation);
    const noted = { kind: 'remember', memory: { ...memory, managerStopped: token } } as const;
    return work({ kind: 'hold-cluster-manager' }, ...(held === 'operator' ? [noted] : []));
  };

/**
 * A mirror that runs would make keys of this unit's files once an empty cluster serves: whoever is first would win. Whether it will be
 * empty is often known only after this phase.
 */
export const silencingMirror =
  (phase: Phase): Phase =>
  (observed, desired, recreation) =>
    (recreation.recovery?.wanted === 'files' || recreation.recovery?.wanted === 'auto') &&
    observed.mirror.running !== null
      ? work({ kind: 'stop-mirror' })
      : phase(observed, desired, recreation);

/** What this unit says of its configuration. */
export function saidOfConfiguration(
  { configuration }: Observed,
  recreation: Recreation,
  before: ConfigurationSaid | null,
): ConfigurationSaid {
  if (recreation.purpose !== 'recovery') return saidNothing;
  const { clearwater, hasStore, files } = configuration;
  const record = recordOf(configuration.load, recreation);
  const lines = [...(record?.seeded ?? []), ...(record?.stores?.told ?? [])];
  // Said once, of the time before anything was stopped: the load itself writes files.
  if (before !== null) return { ...before, loads: lines };
  return { files, duty: !clearwater || hasStore, loads: lines };
}

const recordOf = (record: LoadRecord | null, { token }: Recreation): LoadRecord | null =>
  record?.token === token ? record : null;

/** The sums of the mirrored files, as the units of this attempt told them. */
export const sumsSaid = (observed: Observed, { token }: Recreation): SumsByUnit =>
  new Map(
    [...acknowledgements(observed)].flatMap(([unit, said]) =>
      said?.token === token ? [[unit, said.configuration.files] as const] : [],
    ),
  );

/** Whether every unit before this one has done its part; `first` is the first, the others follow by name. */
function isItsTurn(observed: Observed, recreation: Recreation, first: UnitName | null): boolean {
  const { units } = standingOf(observed, recreation);
  if (units === null) return false;
  const said = acknowledgements(observed);
  const rank = (unit: UnitName): string => `${unit === first ? 0 : 1}${unit}`;
  const own = rank(observed.unit.name);
  return units.every((unit) => rank(unit) >= own || hasAcknowledged(said.get(unit) ?? null, recreation));
}

const afterOthers = (what: string): Part =>
  work({ kind: 'wait', why: `for the units before it to ${what}`, wokenBy: { by: 'relation', endpoint: 'cluster' } });

/**
 * What is kept outside etcd comes back, one unit after the other. Where the cluster began empty, the keys of mirrored files come from
 * one unit alone, before any mirror runs. What came back with the data wins, and what is different is told.
 */
export function load(observed: Observed, desired: Desired, recreation: Recreation): Part {
  const { recovery } = recreation;
  const { configuration, mirror, unit } = observed;
  if (recovery === null || isLeaving(observed)) return done;
  if (mirror.wanted === null)
    return problem(`${mirror.problem ?? 'config-mirror cannot be read'}: correct the option`, loadRetrySeconds);
  if (!configuration.clearwater && mirror.wanted.length === 0) return done;
  const { seeder } = recovery;
  if (!isItsTurn(observed, recreation, seeder ?? recreation.creator)) return afterOthers('load what is on their disks');
  const record = recordOf(configuration.load, recreation);
  const via = healthyVoterUrls(observed);
  const { token } = recreation;
  const entries = mirror.wanted;
  if (recovery.chosen === 'files' && seeder === unit.name && entries.length > 0 && (record?.seeded ?? null) === null)
    return work({ kind: 'seed-keys', token, entries, via });
  const mirroring = planMirror(observed);
  if (mirroring.length > 0) return work(...mirroring);
  if (!configuration.clearwater) return done;
  return loadStores(observed, desired, token);
}

/** Once, and again after a while where something stood in its way. */
function loadStores(observed: Observed, desired: Desired, token: string): Part {
  const { configuration, mirror, now } = observed;
  const stores = configuration.load?.token === token ? configuration.load.stores : null;
  const entries = mirror.wanted ?? [];
  const place = { ...desired.clearwater, nodeType: storeNodes };
  if (stores === null || (stores.faults.length > 0 && now - stores.at >= loadRetrySeconds * 1000))
    return work({ kind: 'load-clearwater-stores', token, ...place, entries, via: healthyVoterUrls(observed) });
  if (stores.faults.length === 0) return done;
  return problem(`${stores.faults.join('; ')}; correct that, it is looked at again`, loadRetrySeconds);
}

/** The cluster manager may start, on one unit after the other. */
export function releaseManager(observed: Observed, recreation: Recreation): Part {
  if (observed.configuration.held !== 'charm') return done;
  if (!isItsTurn(observed, recreation, null)) return afterOthers("let Clearwater's cluster manager start");
  return work({ kind: 'release-cluster-manager' });
}

/** What an attempt that was given up left behind: also then the stores' keys are there before the cluster manager is. */
export function planManagerRelease(observed: Observed, desired: Desired): readonly Step[] {
  const { configuration, peers } = observed;
  const { recreation } = peers.application.value;
  if (peers.relationId === null || peers.application.pending || configuration.held !== 'charm') return [];
  if (recreation === null || activeRecreation(observed) !== null) return [];
  const part = configuration.clearwater ? loadStores(observed, desired, recreation.token) : done;
  if (part.part === 'work') return part.steps;
  if (part.part === 'done') return [{ kind: 'release-cluster-manager' }];
  return [{ kind: 'wake-later', afterSeconds: loadRetrySeconds, why: part.why }];
}
