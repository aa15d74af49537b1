#!/usr/bin/env bash
# run.sh [TEST FLAGS] - the tests against a real Request Tracker 5: installs it from Debian's packages, starts one with
# an empty database, runs the tests of this directory and stops it again, whatever happened.
#
# Where it cannot do so, for want of root or of Debian, it says that it was not run and is content. Where it could and
# something fails, a package mirror among it, it fails and says at which step.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..

not_run() { printf 'rt: not run: %s\n' "$*"; exit 0; }

# step runs a part of the whole, tells how long it took, and ends everything where it fails.
step() {
  local what=$1 from=$SECONDS
  shift
  printf 'rt: %s\n' "$what" >&2
  "$@" || { printf 'rt: FAILED: %s\n' "$what" >&2; exit 1; }
  printf 'rt: %s: %d s\n' "$what" $((SECONDS - from)) >&2
}

# shellcheck disable=SC1091
system=$([ -r /etc/os-release ] && . /etc/os-release && echo "${ID:-}") || true
[ "$system" = debian ] || not_run "this is ${system:-no Linux that says what it is}, and Request Tracker comes from Debian's packages"
[ "$(id -u)" = 0 ] || not_run "only root can install Debian's packages"
command -v go >/dev/null || not_run "there is no go"

home=$(mktemp -d)
work=$(mktemp -d) # RT's home belongs to www-data
starting=
clean_up() {
  [ -z "$starting" ] || { kill "$starting"; wait "$starting"; } 2>/dev/null
  "$here/stop.sh" "$home"
  rm -rf -- "$home" "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The test waits for a page and not for a compiler.
compile() {
  "$root/tools/build.sh" source &&
    go build -C "$root" -o "$work/whatsapp_sla_exporter" ./cmd/whatsapp_sla_exporter &&
    go test -C "$here" -tags rt -c -o "$work/rt.test" .
}

started() { wait "$starting" && starting=; }

step "installing Request Tracker" "$here/install.sh"
RT_CACHE=$root/.cache/rt RT_FAKETIME='+0' "$here/start.sh" "$home" &
starting=$!
step "compiling the tests and the exporter" compile
step "starting Request Tracker" started
set -a
# shellcheck disable=SC1091
. "$home/env"
EXPORTER=$work/whatsapp_sla_exporter
set +a

# Failures that the suite itself makes up look the same in front of the simulator, where they are all tried.
cd "$here"
step "testing" "$work/rt.test" -test.parallel 1 -test.timeout 10m \
  -test.skip '/^failure_/^(401|404|500|503|throttled|hang|html|repeat_page)$' "$@"
echo "rt: passed"
