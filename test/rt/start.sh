#!/usr/bin/env bash
# start.sh DIRECTORY - a Request Tracker 5 on a free port of 127.0.0.1, with everything it writes in DIRECTORY.
#
# DIRECTORY/env then holds its address and the tokens of its users, for a shell. stop.sh ends it. Install the packages
# with install.sh first. Set RT_FAKETIME='2026-03-02 08:00:00' to run it with a clock that stands still, in UTC; write another
# time into DIRECTORY/faketime to move it.
#
# Set RT_CACHE to a directory that keeps the database as it is before the first request: making it takes most of the time.
set -euo pipefail

home=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
share=/usr/share/request-tracker5
say() { printf 'rt: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Perl must be Debian's own, and RT must read only this configuration.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
export RT_SITE_CONFIG=$home/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=$home/conf.d
unset PERL5LIB PERL5OPT

# As root, RT runs as www-data, which must be able to reach the directory.
as=(env "HOME=$home")
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid www-data --regid "$(id -g www-data)" --clear-groups -- env "HOME=$home")
fi

free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no free port"
}

configure() {
  mkdir -p "$home"/{db,mason,session,conf.d,smime,gpg}
  printf '#!/bin/sh\nexec cat >/dev/null\n' >"$home/mail-sink"
  chmod 755 "$home" "$home/mail-sink"
  "$here/site_config.sh" "$home" "$port" >"$home/RT_SiteConfig.pm"
  cp "$here/accounts.pl" "$here/tokens.pl" "$home/"
  if [ "$(id -u)" = 0 ]; then chown -R www-data: "$home"; fi
  "${as[@]}" test -w "$home/db" || die "www-data cannot write to $home: one of the directories above it keeps it out"
}

# --skip-create: SQLite makes its file by itself, so nobody asks for a database administrator's password.
setup() { "${as[@]}" rt-setup-database-5 --skip-create "$@" </dev/null >>"$home/init.log" 2>&1 || { tail -20 "$home/init.log" >&2; die "setting up the database failed"; }; }

initialise() {
  local password
  password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077; printf '%s\n' "$password" >"$home/root-password")
  if [ "$(id -u)" = 0 ]; then chown www-data: "$home/root-password"; fi
  setup --action init --root-password-file "$home/root-password"
  setup --action insert --datafile "$home/accounts.pl"
  ! grep '\[\(error\|critical\)\]' "$home/init.log" >&2 || die "setting up the accounts failed"
  "${as[@]}" perl "-I$share/lib" "$home/tokens.pl" \
    </dev/null >"$home/tokens" 2>>"$home/init.log" || die "no tokens were made, see $home/init.log"
  # Readers must not block the writer, and making mails takes half of the time.
  "${as[@]}" sqlite3 "$home/db/rt.sqlite" "PRAGMA journal_mode=WAL; \
    UPDATE Scrips SET Disabled = 1 WHERE Description LIKE '%Notify%' OR Description LIKE '%Autoreply%';" >/dev/null
}

healthy() { [ "$(code)" = 401 ]; }

# code is the status of an answer without credentials; no curl is needed for it.
code() {
  { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 0
  printf 'GET /REST/2.0/rt HTTP/1.0\r\nUser-Agent: start.sh\r\n\r\n' >&3
  local status=
  IFS=' ' read -t 10 -r _ status _ <&3 || true
  exec 3>&-
  echo "$status"
}

# serve starts the server in a process group of its own, so that stop.sh can find its workers.
serve() {
  local faked=()
  if [ -n "${RT_FAKETIME:-}" ]; then
    printf '%s\n' "$RT_FAKETIME" >"$home/faketime"
    faked=("LD_PRELOAD=/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketime.so.1"
           "FAKETIME_TIMESTAMP_FILE=$home/faketime" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 TZ=UTC)
  fi
  cd "$home"
  setsid "${as[@]}" "${faked[@]}" "$share/libexec/rt-server" --host 127.0.0.1 --port "$port" --max-workers 4 \
    </dev/null >>"$home/rt.log" 2>&1 &
  echo $! >"$home/pid"
  disown
}

wait_until_healthy() {
  local until=$((SECONDS + 60))
  until healthy; do
    kill -0 "$(cat "$home/pid")" 2>/dev/null || { tail -20 "$home/rt.log" >&2; die "the server died"; }
    [ $SECONDS -lt $until ] || { tail -20 "$home/rt.log" >&2; die "the server does not answer"; }
    sleep 0.1
  done
}

# recipe is what the database is made from.
recipe() {
  { dpkg-query -W -f='${Version}\n' request-tracker5 rt5-db-sqlite; cat "$here"/{accounts.pl,tokens.pl,start.sh,site_config.sh}; } | sha256sum
}

# restore takes the database from the cache, where it was made from the same.
restore() {
  [ -n "${RT_CACHE:-}" ] && [ "$(cat "$RT_CACHE/recipe" 2>/dev/null)" = "$(recipe)" ] || return 1
  cp "$RT_CACHE/rt.sqlite" "$home/db/rt.sqlite" && cp "$RT_CACHE/tokens" "$home/tokens" || return 1
  if [ "$(id -u)" = 0 ]; then chown www-data: "$home/db/rt.sqlite"; fi
}

# keep puts it there; the recipe comes last, so that half a copy is none.
keep() (
  [ -n "${RT_CACHE:-}" ] || return 0
  umask 077
  mkdir -p "$RT_CACHE"
  rm -f "$RT_CACHE/recipe"
  cp "$home/db/rt.sqlite" "$home/tokens" "$RT_CACHE/"
  recipe >"$RT_CACHE/recipe"
)

[ -x "$share/libexec/rt-server" ] || die "Request Tracker 5 is not installed"
port=$(free_port)
configure
restore || { initialise && keep; }
echo "$port" >"$home/port"
serve
wait_until_healthy
(umask 077; { echo "RT_URL=http://127.0.0.1:$port"; echo "RT_CLOCK=$home/faketime"; cat "$home/tokens"; } >"$home/env")
say "Request Tracker answers on http://127.0.0.1:$port"
