#!/usr/bin/env bash
# run.sh [GO TEST FLAGS] - the tests against a real Request Tracker 5: installs it from Debian's packages, starts one with
# an empty database, runs the tests of this directory and stops it again, whatever happened.
#
# Where it cannot do so, for want of root or of Debian, it says that it was not run and is content. Where it could and
# something fails, a package mirror among it, it fails and says at which step.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..

not_run() { printf 'rt: not run: %s\n' "$*"; exit 0; }

# step runs a part of the whole and tells what it is and how long it took.
step() {
  local what=$1 from=$SECONDS
  shift
  printf 'rt: %s\n' "$what" >&2
  "$@" || { printf 'rt: FAILED: %s\n' "$what" >&2; exit 1; }
  printf 'rt: done in %d s\n' $((SECONDS - from)) >&2
}

# shellcheck disable=SC1091
system=$([ -r /etc/os-release ] && . /etc/os-release && echo "${ID:-}") || true
[ "$system" = debian ] || not_run "this is ${system:-no Linux that says what it is}, and Request Tracker comes from Debian's packages"
[ "$(id -u)" = 0 ] || not_run "only root can install Debian's packages"
command -v go >/dev/null || not_run "there is no go"

home=$(mktemp -d)
trap '"$here/stop.sh" "$home"; rm -rf -- "$home"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The test waits for a page and not for a compiler, and RT uses no processor meanwhile.
compile() {
  "$root/tools/build.sh" source &&
    go build -C "$root" -o "$home/whatsapp_sla_exporter" ./cmd/whatsapp_sla_exporter &&
    go test -C "$here" -tags rt -c -o "$home/rt.test" .
}

step "installing Request Tracker" "$here/install.sh"
step "compiling the tests and the exporter" compile
RT_FAKETIME='+0' step "starting Request Tracker" "$here/start.sh" "$home"
set -a
# shellcheck disable=SC1091
. "$home/env"
EXPORTER=$home/whatsapp_sla_exporter
set +a

# Failures that the suite itself makes up look the same in front of the simulator, where they are all tried.
cd "$here"
step "testing" "$home/rt.test" -test.parallel 1 -test.timeout 10m \
  -test.skip '/^failure_/^(401|404|500|503|throttled|hang)$' "$@"
