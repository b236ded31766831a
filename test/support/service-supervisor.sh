#!/bin/sh
# A service of a light machine: runs what its unit file says and starts it again when it dies, as Restart=always does.
# service-supervisor.sh ROOT SERVICE; TERM ends it with its process, HUP restarts the process.
root=$1 service=$2
state=$root/run/light/$service
unit=$root/etc/systemd/system/$service.service
mkdir -p "$state"
exec 9>"$state/lock"
flock -n 9 || exit 0 # it is supervised already
echo $$ >"$state/supervisor.new" && mv "$state/supervisor.new" "$state/supervisor"

child='' stopping='' restarting=''
trap 'stopping=yes; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM
trap 'restarting=yes; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' HUP

delay=1
while [ -z "$stopping" ]; do
  restarting=''
  mkdir -p "$root/run/$service"
  # One after the other, as long as each succeeds.
  if (eval "$(sed -n 's/^ExecStartPre=//p' "$unit" | sed '$!s/$/ \&\&/')") >>"$root/var/log/$service.log" 2>&1 9>&-; then
    eval "exec $(sed -n 's/^ExecStart=//p' "$unit")" >>"$root/var/log/$service.log" 2>&1 9>&- &
    child=$!
    [ -z "$stopping" ] || kill -TERM "$child" 2>/dev/null
    echo "$child" >"$state/main.new" && mv "$state/main.new" "$state/main"
    began=$(date +%s)
    while kill -0 "$child" 2>/dev/null; do wait "$child"; done
    child=''
    rm -f "$state/main"
    [ $(($(date +%s) - began)) -lt 30 ] || delay=1
  fi
  [ -z "$stopping$restarting" ] || continue
  # In the background, so that a signal is taken at once.
  sleep "$delay" 9>&- &
  wait $!
  delay=$((delay < 16 ? delay * 2 : 30))
done
rm -rf "${root:?}/run/$service" "$state/supervisor"
