import type { UnitName } from '../ids';
import type { Memory, Observed, PeerApplicationBag, PeerUnitBag } from '../observed';
import { emptyApplication, type SimulatedUnit, type World } from './world';

/** What a hook has written and not committed. */
export interface Transaction {
  readonly unit: UnitName;
  /** Asked once, before any bag was read. */
  readonly leader: boolean;
  readonly event: Observed['event'];
  /** Bags as they were when the hook first read them. */
  readonly others: ReadonlyMap<UnitName, PeerUnitBag>;
  readonly unlisted: ReadonlyMap<UnitName, PeerUnitBag>;
  readonly application: PeerApplicationBag;
  readonly planned: readonly { readonly unit: UnitName; readonly dying: boolean }[];
  bag: PeerUnitBag | null;
  /** Keys of the application's bag: those that were not written stay as they are by then. */
  written: Partial<PeerApplicationBag> | null;
  memory: Memory | null;
  request: SimulatedUnit['request'];
  ports: readonly string[] | null;
  published: string | null;
}

/** Begins a hook; `listed` are the units that the peer relation still has for one that is going. */
export function begin(
  world: World,
  unit: SimulatedUnit,
  event: Observed['event'],
  listed: readonly UnitName[] | null = null,
): Transaction {
  const related = event.kind !== 'stop';
  const others = [...world.units.values()].filter((one) => one !== unit);
  const isListed = (one: SimulatedUnit): boolean => one.inScope && (listed?.includes(one.name) ?? true);
  const bags = (some: readonly SimulatedUnit[]): ReadonlyMap<UnitName, PeerUnitBag> =>
    new Map(related ? some.map((one) => [one.name, one.bag]) : []);
  return {
    unit: unit.name,
    leader: world.leader === unit.name,
    event,
    others: bags(others.filter(isListed)),
    unlisted: bags(others.filter((one) => !isListed(one))),
    // Nothing of the peer relation can be read in `stop`.
    application: related ? world.application : emptyApplication,
    planned: [...world.units.values()].map(({ name, dying }) => ({ unit: name, dying })),
    bag: null,
    written: null,
    memory: null,
    request: unit.request,
    ports: null,
    published: unit.published,
  };
}

/** Commits what a hook wrote. Returns the units to which that gives a hook; refused where the leader's writes come from one that leads no more. */
export function commit(world: World, transaction: Transaction): readonly UnitName[] | 'refused' {
  const unit = world.units.get(transaction.unit);
  if (unit === undefined) return [];
  if (transaction.written !== null && world.leader !== unit.name) return 'refused';
  const woken = new Set<UnitName>();
  const others = [...world.units.keys()].filter((name) => name !== unit.name);
  if (transaction.bag !== null && text(transaction.bag) !== text(unit.bag)) {
    unit.bag = transaction.bag;
    for (const name of others) woken.add(name);
  }
  const application = { ...world.application, ...transaction.written };
  if (text(application) !== text(world.application)) {
    world.application = application;
    for (const name of world.units.keys()) woken.add(name);
  }
  unit.memory = transaction.memory ?? unit.memory;
  unit.request = transaction.request;
  unit.openedPorts = transaction.ports ?? unit.openedPorts;
  unit.published = transaction.published;
  return [...woken];
}

const text = (value: PeerUnitBag | PeerApplicationBag): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Map ? [...inner] : typeof inner === 'bigint' ? inner.toString() : inner,
  );
