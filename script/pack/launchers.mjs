/**
 * `dispatch`, which Juju runs for every hook and action: starts the bundle on the Node that the charm carries, by way of launch.cjs, which
 * keeps V8's code of the bundle between hooks.
 *
 * Node parses the 150 authorities that it carries as soon as TLS is loaded, 10 ms of every hook, unless those of OpenSSL are to be
 * used; charms trust the one that they name, and neither.
 */
export const dispatch = `#!/bin/sh
case "$0" in */*) charm="\${0%/*}" ;; *) charm=. ;; esac
exec "$charm/bin/node" --no-warnings --use-openssl-ca "$charm/launch.cjs" "$@"
`;

/**
 * One of \`hooks/*\` or \`actions/*\`: for whoever starts a hook by its name instead of by \`dispatch\`.
 * @param {string} path e.g. \`hooks/install\`
 */
export function launcher(path) {
  return `#!/bin/sh
export JUJU_DISPATCH_PATH="\${JUJU_DISPATCH_PATH:-${path}}"
exec "\${0%/*}/../dispatch" "$@"
`;
}
