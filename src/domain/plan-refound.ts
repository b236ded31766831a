import type { UnitName } from './ids';
import {
  actionableFounding,
  readableBags,
  hasPromised,
  holdsQuorum,
  isLeaving,
  mayHaveData,
  unitsInApplication,
} from './member';
import type { Founding, Observed } from './observed';
import { quorumOf } from './quorum';
import { isUp } from './service';
import type { Step } from './step';

/**
 * Founding again is agreed upon, not concluded: every unit first promises, in its bag (`neverElected`), that it has no member of the
 * present generation that ever elected a leader, and that it will not make one. It stops its etcd before it promises, and a promise is
 * taken back only by one that has no data and sees a member of this generation serve: as long as that one is there and has not promised,
 * no decision can be made. So the leader can decide on what it reads, however old: a member that was added in a hook whose commit was lost
 * has data on its disk, its unit does not promise, and no second cluster is founded (rules 4, 13).
 */

/** Units that were ever said to have a member of some generation. */
function unitsWithMembers(observed: Observed, founding: Founding): ReadonlySet<UnitName> {
  const { members } = observed.peers.application.value;
  const reporting = readableBags(observed).flatMap(([unit, bag]) =>
    bag.memberId !== null && bag.generation === founding.generation ? [unit] : [],
  );
  return new Set([...founding.initial.map(({ unit }) => unit), ...members.values(), ...reporting]);
}

const promisedBy = ({ unit, peers }: Observed, name: UnitName, { generation }: Founding): boolean =>
  (name === unit.name ? peers.own.value : (peers.others.get(name) ?? peers.unlisted.get(name)))?.neverElected ===
  generation;

/** Whether the leader may write the next generation: every unit that Juju still has, leaving or not, has promised. */
export function mayFoundAgain(observed: Observed, founding: Founding): boolean {
  const units = unitsInApplication(observed);
  return units !== null && [...units].every((unit) => promisedBy(observed, unit, founding));
}

/** Whether this unit, leaving or not, can promise to stay out of this generation for good. */
function mayPromise(observed: Observed, founding: Founding): boolean {
  const { unit, peers, cluster, disk } = observed;
  const units = unitsInApplication(observed);
  if (units === null || cluster.local.known || cluster.members.known) return false;
  const own = peers.own.value;
  if (own.generation === founding.generation) return false;
  const others = [...unitsWithMembers(observed, founding)].filter((name) => name !== unit.name && units.has(name));
  if (!founding.initial.some((member) => member.unit === unit.name)) {
    return !mayHaveData(observed, founding.generation) && others.every((name) => promisedBy(observed, name, founding));
  }
  // A founder: those who are left can never elect a leader, and nobody ever served. That its own member gives no answer says nothing
  // (rule 4), for its peer may have made it the only member and left: what its log holds does.
  if (!disk.hadLeader.known || disk.hadLeader.value) return false;
  const recorded = [...peers.application.value.members.values()];
  const reported = readableBags(observed).some(
    ([, bag]) => bag.memberId !== null && bag.generation === founding.generation,
  );
  if (reported || recorded.some((name) => units.has(name))) return false;
  // One that is being removed may still run: together they could have elected a leader a moment ago.
  const left = founding.initial.filter((member) => units.has(member.unit)).length;
  return left < quorumOf(founding.initial.length);
}

/** Promises, where this generation can never serve again and so a next one must be founded. */
export function planPromise(observed: Observed): readonly Step[] {
  const founding = actionableFounding(observed);
  const { peers, service } = observed;
  if (founding === null || peers.relationId === null) return [];
  const stop: readonly Step[] = isUp(service)
    ? [{ kind: 'stop-etcd', why: `generation ${founding.generation} can never elect a leader` }]
    : [];
  if (hasPromised(observed, founding))
    return maySeeItServe(observed, founding) ? withdraw(observed, peers.relationId) : stop;
  if (!mayPromise(observed, founding) || service.state === 'unknown') return [];
  const bag = { ...peers.own.value, neverElected: founding.generation };
  const remember: Step = { kind: 'remember', memory: { ...observed.memory, promised: founding.generation } };
  return [...stop, remember, { kind: 'publish-peer', relationId: peers.relationId, bag }];
}

/** A member that nobody knew of, because its unit's hooks had all failed so far, has shown itself after all. */
const maySeeItServe = (observed: Observed, founding: Founding): boolean =>
  !isLeaving(observed) &&
  !mayHaveData(observed, founding.generation) &&
  observed.cluster.members.known &&
  holdsQuorum(observed);

/** Nothing is done on the strength of it before it is committed: plan-join.ts waits. */
function withdraw({ peers, memory }: Observed, relationId: string): readonly Step[] {
  return [
    { kind: 'remember', memory: { ...memory, promised: null } },
    { kind: 'publish-peer', relationId, bag: { ...peers.own.value, neverElected: null } },
  ];
}
