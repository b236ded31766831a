import type { Memory } from './observed';

/** What a unit remembers before it learned anything. */
export const emptyMemory: Memory = {
  foundingWaitSince: null,
  membersStableSince: null,
  membersSeen: [],
  learnerSince: {},
  endpoints: [],
  promised: null,
  surveyed: null,
  measured: null,
  searched: null,
  managerStopped: null,
  quorumLostSince: null,
  cluster: null,
  former: [],
  formerMembers: [],
  left: false,
};
