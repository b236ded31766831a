import { desiredFrom } from './desired';
import type { Observed } from './observed';

/**
 * What a unit is: a member (or one to be), a standby, which serves clients of another application's cluster and has no vote, or
 * undecided, where the options and what is there do not agree, and neither is done.
 */
export type Role = 'member' | 'standby' | 'undecided';

/** A role, and why it is not what the options say; null where it is. */
export interface RoleFound {
  readonly role: Role;
  readonly refusal: string | null;
}

const found = (role: Role, refusal: string | null = null): RoleFound => ({ role, refusal });

/**
 * The role of this unit. Options are an application's, and so are clusters: an application that has or had a cluster stays one of
 * members, and one whose units stand by founds none. So a standby never founds, joins, votes or has data, and no member ever becomes a
 * standby by an option: its unit leaves, and one of another application comes.
 */
export function roleOf(observed: Observed): RoleFound {
  const { peers, disk, standby } = observed;
  const { desired } = desiredFrom(observed.config);
  if (desired === null) return found('undecided');
  const wanted = desired.role.kind;
  const { founding, recreation } = peers.application.value;
  if (founding !== null || recreation !== null) return found('member', wanted === 'standby' ? hasCluster : null);
  if (wanted === 'standby') {
    // Before its first relation hook a unit cannot know whether its application has a cluster.
    if (peers.relationId === null || !disk.data.known || !disk.marker.known) return found('undecided');
    const hadMember = disk.data.value === 'present' || disk.marker.value !== null || peers.own.value.memberId !== null;
    return hadMember ? found('undecided', hasData) : found('standby');
  }
  if (standby.settings !== null) return found('standby', standsBy);
  const others = [...peers.others.values(), ...peers.unlisted.values()];
  return others.some((bag) => bag.standby) ? found('undecided', standsBy) : found('member');
}

const hasCluster =
  'this application has a cluster of its own, and its units stay members: set role=member and etcd_proxy="" again, and deploy etcd a second time for standbys';
const hasData =
  'A member\'s data are on this unit: it does not stand by; set role=member and etcd_proxy="" again, or remove it and add a new unit';
const standsBy =
  'its application stands by for another cluster and founds none: set role and etcd_proxy as they were, or remove all its units first';
