import type { MirrorEntry } from '../domain/mirror';

/** Name of the key -> file, and what Clearwater's config manager runs when it changed (clearwater-etcd-plugins). */
const files: readonly (readonly [name: string, file: string, reload: string | null])[] = [
  ['shared_config', '/etc/clearwater/shared_config', null],
  ['enum_json', '/etc/clearwater/enum.json', 'sprout'],
  ['scscf_json', '/etc/clearwater/s-cscf.json', 'sprout'],
  ['bgcf_json', '/etc/clearwater/bgcf.json', 'sprout'],
  ['rph_json', '/etc/clearwater/rph.json', 'sprout'],
  ['dns_json', '/etc/clearwater/dns.json', '/usr/share/clearwater/bin/reload_dns_json'],
  ['sas_json', '/etc/clearwater/sas.json', null],
  ['shared_ifcs', '/etc/clearwater/shared_ifcs.xml', '/usr/share/clearwater/bin/reload_shared_ifcs_xml'],
  ['fallback_ifcs', '/etc/clearwater/fallback_ifcs.xml', '/usr/share/clearwater/bin/reload_fallback_ifcs_xml'],
  ['chronos_shared_config', '/etc/chronos/chronos_shared.conf', null],
];

/** Only on a node that has what is to be reloaded: a command that is missing there is no failure. */
function reloadOf(what: string | null): string | null {
  if (what === null) return null;
  if (what.startsWith('/')) return `if [ -x ${what} ]; then ${what}; fi`;
  return `if [ -e /etc/init.d/${what} ]; then service ${what} reload; fi`;
}

/** What Project Clearwater keeps under `/<etcd_key>/<site>/configuration/`. */
export const clearwaterEntries = (etcdKey: string, siteName: string): readonly MirrorEntry[] =>
  files.map(([name, file, reload]) => ({
    key: `/${etcdKey}/${siteName}/configuration/${name}`,
    file,
    reload: reloadOf(reload),
    mode: 0o644,
    owner: null,
  }));
