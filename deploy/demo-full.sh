#!/usr/bin/env bash
# Runs the demo with a real Prometheus and a real Alertmanager on the shipped rules and configuration, and prints the
# notifications that a pager would get.
#
#   deploy/demo-full.sh EXPORTER TOOLS
set -euo pipefail
exporter=$1 tools=$2
dir=data/demo-full
receiver=127.0.0.1:9878

mkdir -p "$dir"
"$exporter" export "$dir" >/dev/null

cat >"$dir/prometheus.yml" <<EOF
global: {scrape_interval: 10s, evaluation_interval: 10s}
rule_files: [alerts/rules/*.yaml]
alerting: {alertmanagers: [{static_configs: [{targets: ["localhost:9093"]}]}]}
scrape_configs:
  - {job_name: whatsapp_sla_exporter, static_configs: [{targets: ["localhost:9877"]}]}
EOF

pids=()
stop() {
	trap - EXIT INT TERM
	kill "${pids[@]}" 2>/dev/null || true
	wait
}
trap stop EXIT INT TERM

rm -f "$dir/demo/alertmanager.yml"
"$exporter" demo --demo.dir="$dir/demo" --demo.alertmanager=localhost:9093 --demo.receiver="$receiver" &
pids+=($!)
until [[ -s $dir/demo/alertmanager.yml ]]; do
	kill -0 "${pids[0]}"
	sleep 0.1
done
"$tools/alertmanager" --config.file="$dir/demo/alertmanager.yml" --storage.path="$dir/alertmanager" \
	--cluster.listen-address= --web.listen-address=localhost:9093 >"$dir/alertmanager.log" 2>&1 &
pids+=($!)
"$tools/prometheus" --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/prometheus" \
	--web.listen-address=localhost:9090 >"$dir/prometheus.log" 2>&1 &
pids+=($!)
cat <<EOF
With it run

  http://localhost:9090/api/v1/alerts   Prometheus (its API; this build has no pages)
  http://localhost:9093/api/v2/alerts   Alertmanager (likewise)

and their logs are in $dir. Notifications are printed here as they arrive.
EOF
wait -n "${pids[@]}"
