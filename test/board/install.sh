#!/usr/bin/env bash
# Installs what the tests of the board run in: Chromium, from Debian's packages, and a font. Needs root where something is
# missing; does nothing where any Chromium or Chrome is there already, or CHROMIUM says which one (or none) to take.
set -euo pipefail

say() { printf 'board: %s\n' "$*" >&2; }

[ -z "${CHROMIUM:-}" ] || exit 0
for name in chromium chromium-browser google-chrome google-chrome-stable; do
	command -v "$name" >/dev/null && exit 0
done
command -v apt-get >/dev/null || { say "no apt-get: install Chromium or Chrome, or name one in CHROMIUM"; exit 1; }
[ "$(id -u)" = 0 ] || { say "Chromium is missing and only root can install it: apt-get install chromium"; exit 1; }

say "installing chromium"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 NEEDRESTART_MODE=l
apt=(apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
packages=(chromium fonts-noto-core)
"${apt[@]}" install "${packages[@]}" </dev/null >&2 || {
	say "refreshing the package lists and trying once more"
	"${apt[@]}" update >&2
	"${apt[@]}" install "${packages[@]}" </dev/null >&2
}
