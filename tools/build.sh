#!/usr/bin/env bash
# Builds the tools that the tests and the full demo run, at the versions that go.mod pins, into .cache/tools/bin.
# A tool that is already there from the same sources is left alone.
#
#   tools/build.sh [promtool|amtool|prometheus|alertmanager|source]...    default: promtool amtool
#
# "source" only prepares the copy of Alertmanager's source that the test module compiles.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bin=$root/.cache/tools/bin
copy=$root/.cache/amcopy

# Cloud service discovery is left out: no test needs it, and not every module proxy serves what it is made of.
build() { # module directory, package
	go build -C "$1" -buildvcs=false -tags=remove_all_sd -ldflags='-s -w' -o "$bin/" "$2"
}

# Alertmanager embeds its user interface, which is built apart and not in the module, so that nothing that imports
# it compiles. A copy of the module with a page in its place does.
prepare_source() {
	go -C "$root/tools" mod download github.com/prometheus/alertmanager
	local source version
	read -r source version < <(go list -C "$root/tools" -m -f '{{.Dir}} {{.Version}}' github.com/prometheus/alertmanager)
	[[ $(cat "$copy/.copied" 2>/dev/null) == "$version" ]] && return
	rm -rf "$copy" "$copy.new"
	mkdir -p "$(dirname "$copy")"
	cp -r "$source" "$copy.new"
	chmod -R u+w "$copy.new"
	mkdir -p "$copy.new/ui/app/dist"
	echo '<html>This build of Alertmanager has no user interface.</html>' | gzip -9n >"$copy.new/ui/app/dist/index.html.gz"
	echo "$version" >"$copy.new/.copied"
	mv "$copy.new" "$copy"
}

# What a tool is built from, as one line.
sources() {
	go env GOVERSION GOOS GOARCH
	cat "$root"/tools/{build.sh,go.mod,go.sum} "$root"/tools/yamlshim/{yaml.go,go.mod}
}

make_tool() {
	local stamp=$bin/.$1.stamp want
	want=$(sources "$1" | sha256sum)
	[[ -x $bin/$1 && $(cat "$stamp" 2>/dev/null) == "$want" ]] && return
	echo "building $1 (minutes the first time)" >&2
	case $1 in
	promtool | prometheus) build "$root/tools" "github.com/prometheus/prometheus/cmd/$1" ;;
	amtool) build "$root/tools" github.com/prometheus/alertmanager/cmd/amtool ;;
	alertmanager)
		prepare_source
		build "$copy" ./cmd/alertmanager # with its own versions: it does not build with those of Prometheus
		;;
	esac
	echo "$want" >"$stamp"
}

[[ $# -gt 0 ]] || set -- promtool amtool
mkdir -p "$bin"
for tool; do
	case $tool in
	promtool | amtool | prometheus | alertmanager) make_tool "$tool" ;;
	source) prepare_source ;;
	*)
		echo "tools/build.sh: unknown tool $tool" >&2
		exit 2
		;;
	esac
done
