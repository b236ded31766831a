/** A broken rule, with what led to it. */
export class RuleBroken extends Error {}
