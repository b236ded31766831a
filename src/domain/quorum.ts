/** How many of `voters` must agree; none of none. */
export const quorumOf = (voters: number): number => (voters === 0 ? 0 : Math.floor(voters / 2) + 1);

/** Whether a healthy voter may be taken away for a while (restart): the rest still holds quorum of the same membership. */
export const mayPause = (voters: number, healthyOthers: number): boolean => healthyOthers >= quorumOf(voters);

/** Whether a voter may be removed for good: those who stay and are healthy hold quorum of the smaller membership. */
export const mayRemove = (voters: number, healthyStaying: number): boolean =>
  voters > 1 && healthyStaying >= quorumOf(voters - 1);
