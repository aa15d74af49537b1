#!/usr/bin/env bash
# run.sh [GO TEST FLAGS] - the tests against a real Request Tracker 5: installs it from Debian's packages, starts one with
# an empty database, runs the tests of this directory and stops it again, whatever happened.
#
# Where it cannot do so, for want of root or of Debian, it says that it was not run and is content.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

not_run() { printf 'rt: not run: %s\n' "$*"; exit 0; }

# shellcheck disable=SC1091
system=$([ -r /etc/os-release ] && . /etc/os-release && echo "${ID:-}") || true
[ "$system" = debian ] || not_run "this is ${system:-no Linux that says what it is}, and Request Tracker comes from Debian's packages"
[ "$(id -u)" = 0 ] || not_run "only root can install Debian's packages"
command -v go >/dev/null || not_run "there is no go"

"$here/install.sh"
home=$(mktemp -d)
trap '"$here/stop.sh" "$home"; rm -rf -- "$home"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

RT_FAKETIME='+0' "$here/start.sh" "$home"
set -a
# shellcheck disable=SC1091
. "$home/env"
set +a
cd "$here"
# Failures that the suite itself makes up look the same in front of the simulator, where they are all tried.
go test -tags rt -count=1 -parallel 1 -timeout 10m -skip '/^failure_/^(401|404|500|503|throttled|hang)$' "$@" .
