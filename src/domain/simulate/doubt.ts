/** Which questions get no answer in one observation. */
export type Doubt = ReadonlySet<'leader' | 'planned' | 'local' | 'members' | 'statuses' | 'quorum' | 'turn' | 'disk'>;
