import type { OptionReader } from './backup-wish';
import { url, type Url } from './ids';

/** What the operator wants the units of this application to be. Members of a standby are null where the relation `members` tells them. */
export type RoleWish =
  { readonly kind: 'member' } | { readonly kind: 'standby'; readonly members: readonly Url[] | null };

const named = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/**
 * Client URL of one entry of `etcd_proxy`, which is Clearwater's: an address, or `name=URL` of a peer, both of a member that serves
 * clients on `port`; or else `address:port` or a client URL. Null for anything else.
 */
export function memberUrl(entry: string, port: number): Url | null {
  const [, name, rest = entry] = /^([^=]*)=(.*)$/.exec(entry) ?? [];
  const bare = /^[\da-fA-F:]*:[\da-fA-F:]*:[\da-fA-F:.]*$/.test(rest) ? `[${rest}]` : rest;
  const [, host = '', own] = /^(?:https:\/\/)?(\[[\da-fA-F:.]+\]|[^[\]:/]+)(?::(\d{1,5}))?\/?$/.exec(bare) ?? [];
  if (!host.startsWith('[') && !named.test(host)) return null;
  const wanted = name !== undefined || own === undefined ? port : Number(own);
  return wanted >= 1 && wanted <= 65_535 ? url(`https://${host}:${wanted}`) : null;
}

/** The options `role` and `etcd_proxy`. */
export function roleWishFrom({ text, refuse }: Pick<OptionReader, 'text' | 'refuse'>, clientPort: number): RoleWish {
  const role = text('role', 'auto');
  const entries = text('etcd_proxy', '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  if (!['auto', 'member', 'standby'].includes(role))
    refuse('role', `role is ${role}, and must be auto, member or standby`);
  const members = entries.map((entry) => ({ entry, member: memberUrl(entry, clientPort) }));
  for (const { entry, member } of members)
    if (member === null)
      refuse('etcd_proxy', `etcd_proxy names ${entry}, and must be addresses of the members of another etcd cluster`);
  if (role === 'member' && entries.length > 0)
    refuse('etcd_proxy', 'role is member and etcd_proxy is set: cannot specify both');
  if (role !== 'standby' && entries.length === 0) return { kind: 'member' };
  const urls = members.flatMap(({ member }) => member ?? []);
  return { kind: 'standby', members: urls.length === 0 ? null : [...new Set(urls)] };
}
