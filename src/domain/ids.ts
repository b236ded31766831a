/** Juju's name of a unit, e.g. `etcd/0`. */
export type UnitName = string & { readonly __brand: 'UnitName' };
/** A member's id as etcd prints it: 16 lower-case hex digits without leading zeros cut. */
export type MemberId = string & { readonly __brand: 'MemberId' };
/** A cluster's id, written as a member's. */
export type ClusterId = string & { readonly __brand: 'ClusterId' };
/** `https://address:port`, IPv6 addresses in brackets. */
export type Url = string & { readonly __brand: 'Url' };
/** `3.5.16`: three numbers, nothing else. */
export type EtcdVersion = string & { readonly __brand: 'EtcdVersion' };
/** Counts the foundings of a cluster by this application; the first is 1. */
export type Generation = number & { readonly __brand: 'Generation' };

export const unitName = (text: string): UnitName => text as UnitName;
export const url = (text: string): Url => text as Url;
export const etcdVersion = (text: string): EtcdVersion => text as EtcdVersion;
export const generation = (value: number): Generation => value as Generation;

/** A member's id from etcd's decimal uint64 text or hex text prefixed by `0x`; always 16 hex digits. */
export const memberId = (text: string): MemberId => BigInt(text).toString(16).padStart(16, '0') as MemberId;
/** A cluster's id, read as {@link memberId} reads one. */
export const clusterId = (text: string): ClusterId => memberId(text) as string as ClusterId;

/** The member name of a unit, as the Python charm made it: `etcd/0` -> `etcd0`. For people only: members are matched by id or peer URL. */
export const memberName = (unit: UnitName): string => unit.replace('/', '');
