# Shared by the scripts here: messages, where things are cached, clean-up on Ctrl-C. Source it after `cd` to the repository.
# shellcheck shell=bash

# Things made once: machine image, etcd binaries, Node, the hook-tool client.
export JUJU_EMULATOR_CACHE=${JUJU_EMULATOR_CACHE:-/var/cache/juju-emulator}

script_name=script/$(basename "$0")
say() { printf '%s\n' "$*" >&2; }
die() { say "$script_name: $*"; exit 1; }

require_linux() { [ "$(uname -s)" = Linux ] || die 'needs Linux: its machines are systemd-nspawn containers'; }
require_root() { [ "$(id -u)" = 0 ] || die "needs root (try: sudo $script_name): it boots machines and makes bridges"; }

# Runs a long command quietly, with a line of progress; shows its output only when it fails.
# with_progress TITLE COMMAND...
with_progress() {
  local title=$1 log started=$SECONDS
  shift
  log=$(mktemp)
  say "  $title ..."
  if "$@" >"$log" 2>&1; then
    say "  $title: done in $((SECONDS - started)) s"
    rm -f "$log"
  else
    local code=$?
    tail -n 30 "$log" >&2
    rm -f "$log"
    return "$code"
  fi
}
