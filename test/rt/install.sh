#!/usr/bin/env bash
# install.sh - Request Tracker 5 and what it takes to run one, from Debian's packages. Needs root; fine to run twice.
#
# Nothing is configured in the system: no database, no cron job, no mail daemon, no web server. The tests run RT
# from its own directory (start.sh).
set -euo pipefail

say() { printf 'rt: %s\n' "$*" >&2; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

# RT insists on a mail-transport-agent. esmtp-run is a link and a client, without daemon or queue; a machine that
# has another one keeps it.
want=(dbconfig-no-thanks request-tracker5 rt5-db-sqlite rt5-standalone sqlite3 libfaketime)
[ -e /usr/sbin/sendmail ] || want+=(esmtp-run)

missing=()
for p in "${want[@]}"; do installed "$p" || missing+=("$p"); done
[ ${#missing[@]} -eq 0 ] && exit 0
[ "$(id -u)" = 0 ] || { say "packages are missing (${missing[*]}) and only root can install them"; exit 1; }

exec 8>/run/lock/whatsapp_sla_exporter-rt-install.lock
flock 8
say "installing ${missing[*]}"
debconf-set-selections <<'SELECTIONS'
request-tracker5 request-tracker5/install-cronjobs boolean false
request-tracker5 request-tracker5/handle-siteconfig-permissions boolean false
SELECTIONS

export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C.UTF-8 NEEDRESTART_MODE=l
apt=(apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0
     -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o APT::Update::Error-Mode=any
     -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)

# A maintainer script that reads must fail, not hang: its input is empty.
install_missing() { "${apt[@]}" install "${missing[@]}" </dev/null >&2; }

refresh() { "${apt[@]}" update >&2 || { say "the package lists cannot be read: is the mirror of /etc/apt up?"; exit 1; }; }

apt-cache show request-tracker5 >/dev/null 2>&1 || refresh
install_missing && exit 0
say "refreshing the package lists and trying once more"
refresh
install_missing || { say "the packages cannot be installed: see above what apt-get says"; exit 1; }
