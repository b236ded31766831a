import type { Desired } from './desired';
import { httpsUrl, ownClientUrl } from './etcd-config';
import type { Url } from './ids';
import type { Observed, PeerUnitBag } from './observed';
import { planPublication } from './plan-relations';
import { valueOr } from './probe';
import { roleOf } from './role';
import { parseStandbySettings, renderStandbySettings, type StandbySettings } from './standby';
import type { Status } from './status-recreation';
import type { Step } from './step';
import { utcTime } from './utc-time';
import { waitForTime } from './waiting';

/** How soon one that serves nobody looks again, seconds. */
const retrySeconds = 30;

/**
 * Where the members are, by the relation: what all units there say alike. One that is cut off may say for long what was so once, and
 * an address that any of them has dropped is no member's any more. Where they agree on none, all count: the link tries them.
 */
function offeredMembers({ standby }: Observed): readonly Url[] {
  const told = standby.offered.map(({ connectionString }) => connectionString.split(',').filter((one) => one !== ''));
  const all = [...new Set(told.flat())].sort();
  const common = all.filter((member) => told.every((one) => one.includes(member)));
  return (common.length > 0 ? common : all) as Url[];
}

/** Members as the options or the relation tell them, without this application's own proxies: a proxy of itself would go round for ever. */
function membersOf(observed: Observed, desired: Desired): readonly Url[] {
  const told = desired.role.kind === 'standby' ? (desired.role.members ?? offeredMembers(observed)) : [];
  const { others } = observed.peers;
  const proxies = [ownClientUrl(observed, desired), ...[...others.values()].map(({ clientUrl }) => clientUrl)];
  return told.filter((member) => !proxies.includes(member));
}

/** Another first for each unit, so that standbys do not all go through one member. */
function rotated(members: readonly Url[], { unit }: Observed): readonly Url[] {
  const first = members.length === 0 ? 0 : Number(/\d+$/.exec(unit.name)?.[0] ?? 0) % members.length;
  return [...members.slice(first), ...members.slice(0, first)];
}

/** What this standby should work by; null while that is not known. Without members told anew, those that it has stay. */
function wantedSettings(observed: Observed, desired: Desired): StandbySettings | null {
  const { unit, workload, tls, gate, standby } = observed;
  const present = parseStandbySettings(standby.settings);
  const told = rotated(membersOf(observed, desired), observed);
  const members = told.length > 0 ? told : (present?.members ?? []);
  const address = desired.bindToAllInterfaces ? '0.0.0.0' : valueOr(unit.clientBindAddress, null);
  if (members.length === 0 || address === null || workload.current === null || tls.ca === null) return null;
  return {
    release: gate.wanted,
    proxy: {
      listen: httpsUrl(address, desired.clientPort).slice('https://'.length),
      cipherSuites: desired.cipherSuites,
      version: workload.current,
      ca: tls.ca.fingerprint,
    },
    members,
  };
}

/** Keeps the two services of a standby running with what they should run with. The link runs the start gate's copy of the program. */
export function planStandby(observed: Observed, desired: Desired): readonly Step[] {
  const { standby, gate } = observed;
  if (gate.installed !== gate.wanted) return [];
  const settings = wantedSettings(observed, desired);
  if (settings === null)
    return [
      {
        kind: 'wait',
        why: 'for a cluster to stand by for: relate its db to members, or set etcd_proxy',
        wokenBy: { by: 'relation', endpoint: 'members' },
      },
    ];
  const running = parseStandbySettings(standby.proxy);
  const asWanted =
    standby.settings === renderStandbySettings(settings) &&
    standby.link === settings.release &&
    JSON.stringify(running?.proxy) === JSON.stringify(settings.proxy);
  if (!asWanted) return [{ kind: 'start-standby', settings }];
  if (standby.serving) return [];
  if (standby.through === null) return waitForTime(retrySeconds, 'for a healthy member of the cluster that it serves');
  // After a long outage it would wait up to two minutes before it tries to reach a member again.
  return [{ kind: 'restart-proxy', settings, why: `it answers nothing, and ${standby.through} is healthy` }];
}

/** A member has no services of a standby, and one that leaves takes them away. */
export const planStandbyRemoval = ({ standby }: Observed): readonly Step[] =>
  standby.settings === null ? [] : [{ kind: 'remove-standby' }];

/** What others need to know of a standby: that it is one, and where clients reach it, once it has served. No peer URL: it is ready for no founding. */
export function planStandbyData(observed: Observed, desired: Desired): readonly Step[] {
  const { relationId, own } = observed.peers;
  if (relationId === null) return [];
  const { standby, workload } = observed;
  const bag: PeerUnitBag = {
    ...own.value,
    standby: true,
    peerUrl: null,
    version: workload.current,
    clientUrl: standby.serving ? ownClientUrl(observed, desired) : own.value.standby ? own.value.clientUrl : null,
  };
  const keys = Object.keys(bag) as (keyof PeerUnitBag)[];
  if (keys.every((key) => own.value[key] === bag[key])) return [];
  return [{ kind: 'publish-peer', relationId, bag }];
}

/** The `db` relation of an application of standbys: their own addresses, the same set from each that serves. */
export function planStandbyClients(observed: Observed): readonly Step[] {
  const { peers, standby, event } = observed;
  const { clientUrl } = peers.own.value;
  if (!standby.serving || clientUrl === null) return [];
  const others = [...peers.others].flatMap(([unit, bag]) =>
    bag.standby && bag.clientUrl !== null && unit !== event.departingUnit ? [bag.clientUrl] : [],
  );
  return planPublication(observed, [...new Set([clientUrl, ...others])].sort().join(','));
}

/** The status of a unit that is no member by its role; null where other rules tell it. */
export function standbyStatus(observed: Observed, steps: readonly Step[]): Status | null {
  const { role, refusal } = roleOf(observed);
  if (role === 'member') return null;
  if (refusal !== null) return { word: 'blocked', message: `Standby: ${refusal}` };
  const { standby, tls, now } = observed;
  const settings = parseStandbySettings(standby.settings);
  const blocked = steps.find((step) => step.kind === 'block');
  if (role === 'undecided' || settings === null) return null;
  const expired = tls.server !== null && tls.server.notAfter <= now;
  if (expired)
    return { word: 'blocked', message: `Standby: its certificate expired at ${utcTime(tls.server.notAfter)}` };
  if (!standby.serving) {
    const members = settings.members.map((member) => member.slice('https://'.length)).sort();
    const why = standby.through === null ? `no healthy member at ${members.join(', ')}` : 'its proxy does not answer';
    return { word: 'blocked', message: `Standby: serving nobody, ${why}` };
  }
  const count = settings.members.length;
  const words = `Standby: serving clients of ${count} ${count === 1 ? 'member' : 'members'}`;
  return { word: 'active', message: blocked === undefined ? words : `${words}; ${blocked.why}` };
}
