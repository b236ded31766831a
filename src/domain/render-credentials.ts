import { utcTime } from './utc-time';

/** What the texts of a package say. */
export interface CredentialsDescription {
  readonly application: string;
  readonly commonName: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** Client URLs. */
  readonly endpoints: readonly string[];
  /** The command that makes such a package anew. */
  readonly renewal: string;
}

export const credentialFiles = {
  key: 'client.key',
  certificate: 'client.crt',
  ca: 'ca.crt',
  environment: 'etcdctl.env',
  readme: 'README.txt',
} as const;

/** A word of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Settings for etcdctl with API 3, to be sourced. The directory is that of the file itself, wherever it was unpacked: bash and zsh
 * tell what they source, other shells do not and have to be in it.
 */
export function renderEnvironment(endpoints: readonly string[]): string {
  const { key, certificate, ca, environment } = credentialFiles;
  return `# Settings for etcdctl, API 3. Source this file: . ./${environment}
if [ -n "\${BASH_VERSION:-}" ]; then
  etcd_credentials="\${BASH_SOURCE:-}"
elif [ -n "\${ZSH_VERSION:-}" ]; then
  eval 'etcd_credentials="\${(%):-%x}"'
else
  etcd_credentials=./${environment}
fi
case "$etcd_credentials" in
*/*) etcd_credentials=$(CDPATH= cd -- "\${etcd_credentials%/*}" && pwd) ;;
*) etcd_credentials=$(pwd) ;;
esac
if [ -f "$etcd_credentials/${key}" ]; then
  export ETCDCTL_API=3
  export ETCDCTL_CACERT="$etcd_credentials/${ca}"
  export ETCDCTL_CERT="$etcd_credentials/${certificate}"
  export ETCDCTL_KEY="$etcd_credentials/${key}"
  export ETCDCTL_ENDPOINTS=${quoted(endpoints.join(','))}
  unset etcd_credentials
else
  echo 'There is no ${key} beside ${environment}: change into the directory of the unpacked credentials and source it there.' >&2
  unset etcd_credentials
  false
fi
`;
}

/** What is in the package and how it is used; nothing in it depends on the unit that wrote it. */
export function renderReadme({
  application,
  commonName,
  notAfter,
  endpoints,
  renewal,
}: CredentialsDescription): string {
  const { key, certificate, ca, environment } = credentialFiles;
  return `Client credentials for the etcd cluster of the Juju application ${application}

  ${certificate}   certificate of the client "${commonName}", good until ${utcTime(notAfter)}
  ${key}   its private key. Whoever has it can read and change all data: keep it to yourself.
  ${ca}       certificate of the authority that the members' certificates are signed by
  ${environment}  settings for etcdctl, API 3

With bash or zsh, from any directory (in another shell change into this directory first):

  . ./${environment}
  etcdctl endpoint health
  etcdctl member list -w table

Other programs need the same three files, TLS, and these endpoints:

${endpoints.map((endpoint) => `  ${endpoint}`).join('\n')}

If they cannot be reached, the cloud's firewall may be closed. On the Juju client:

  juju expose ${application}

When units came or went, or before the certificate expires, make this package anew:

  ${renewal}
`;
}
