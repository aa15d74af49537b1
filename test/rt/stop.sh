#!/usr/bin/env bash
# stop.sh DIRECTORY - ends the server that start.sh started there, and nothing else. Fine to run twice.
#
# Only processes of the recorded group that are an rt-server on the recorded port are ended. There is no ps in small
# images, and a master that was killed leaves workers that go on serving.
set -uo pipefail

home=$1
[ -s "$home/pid" ] && [ -s "$home/port" ] || exit 0
group=$(cat "$home/pid") port=$(cat "$home/port")

# members lists the processes of the group: field 5 of stat, counted after the name in brackets.
members() {
  local d stat args
  for d in /proc/[0-9]*; do
    { stat=$(<"$d/stat"); mapfile -d '' args <"$d/cmdline"; } 2>/dev/null || continue
    [[ "${args[*]} " == *"rt-server "*"--port $port "* ]] || continue
    set -- ${stat##*) }
    [ "$3" = "$group" ] && echo "${d#/proc/}"
  done
}

# gone waits for the group to end; a zombie has no command line, so it counts as gone.
gone() { for _ in $(seq "$1"); do [ -z "$(members)" ] && return 0; sleep 0.1; done; return 1; }

for signal in TERM KILL; do
  # The shell's own kill: small images have no other.
  mapfile -t pids < <(members)
  [ ${#pids[@]} -eq 0 ] || kill -"$signal" "${pids[@]}" 2>/dev/null
  if gone 100; then rm -f "$home/pid"; exit 0; fi
done
printf 'rt: cannot stop %s\n' "$(members | tr '\n' ' ')" >&2
exit 1
