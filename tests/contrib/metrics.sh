#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# metrics.sh TOOL: tests the examples for Prometheus and Grafana with Debian's Prometheus and node exporter. The tool, built for this
# host, writes the metrics of made-up machines, one exporter serves each machine's file, and a Prometheus collects them and evaluates
# the rules. The programs are unpacked into the cache and listen on localhost only, on ports that the kernel chooses. Prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"
. "$top/lab/apt.sh"

# shellcheck disable=SC2034 # machine.sh uses tool, root and here
tool=${1:?usage: metrics.sh TOOL}
rules=$top/contrib/prometheus/sdei-nmi.rules.yml
work=$out/contrib/metrics
root=$work/root
here=$top/tests/tool
. "$here/machine.sh"

# debian_prometheus: provides the programs without installing them, and sets programs to their folder.
debian_prometheus() {
	apt_update
	programs=$cache/prometheus/$(apt-cache policy prometheus prometheus-node-exporter | sed -n 's/^  Candidate: //p' | paste -sd _)
	[ -e "$programs" ] || locked prometheus fetch_prometheus
}

fetch_prometheus() {
	fetched=$cache/prometheus/.new
	rm -rf "$fetched"
	say "contrib: fetching Prometheus and its node exporter"
	apt_download "$fetched/deb" prometheus prometheus-node-exporter
	mkdir "$fetched/bin"
	for deb in "$fetched"/deb/*.deb; do
		dpkg-deb -x "$deb" "$fetched/root" || die "$deb could not be unpacked; is the disk full?"
	done
	mv "$fetched"/root/usr/bin/prom* "$fetched/bin/"
	rm -rf "$fetched/deb" "$fetched/root" "$programs"
	mv "$fetched" "$programs"
}

# await COMMAND...: repeats the command until it succeeds, for three minutes at most; then shows what it printed last.
await() {
	await_end=$(($(date +%s) + 180))
	until "$@" >"$work/awaited" 2>&1; do
		[ "$(date +%s)" -lt $await_end ] || { echo "not within three minutes: $*" && cat "$work/awaited" && return 1; }
		sleep 0.1
	done
}

# has_address LOG: the program of this log listens.
has_address() {
	sed -n 's/.*msg="Listening on" address=//p' "$1" | grep .
}

started=

# start NAME PROGRAM OPTION...: starts a program, and sets address to what it listens on.
start() {
	start_name=$1 start_program=$2
	shift 2
	setpriv --pdeathsig TERM "$programs/bin/$start_program" --web.listen-address=127.0.0.1:0 "$@" >"$work/$start_name.log" 2>&1 &
	started="$started $!"
	await has_address "$work/$start_name.log" >&2 || { cat "$work/$start_name.log" >&2 && return 1; }
	address=$(cat "$work/awaited")
}

end() {
	for end_pid in $started; do
		kill "$end_pid" 2>/dev/null || true
	done
	for end_pid in $started; do
		wait "$end_pid" 2>/dev/null || true
	done
	started=
}

# metrics_of MACHINE: writes the metrics of the tree into this machine's file, as the timer does.
metrics_of() {
	mkdir -p "$work/$1"
	run 0 metrics -o "$work/$1/sdei_nmi.prom"
}

# more COUNTER: one more of it on machine a.
more() {
	more_file=$root/$(counter_at "$1")
	echo $(($(cat "$more_file") + 1)) >"$more_file"
}

# query EXPRESSION: prints the answer of Prometheus, in JSON. Fails if Prometheus can't read the expression.
query() {
	"$programs/bin/promtool" query instant -o json "$server" "$1"
}

# In is and alerts_are, set -e has no effect, because await runs them.

# is EXPRESSION VALUE: the answer is one sample with this value.
is() {
	query "$1" >"$work/answer" &&
		jq -e --arg value "$2" 'length == 1 and .[0].value[1] == $value' "$work/answer"
}

# alerts_are ALERT...: these are all alerts, each as MACHINE:NAME:STATE.
alerts_are() {
	query ALERTS >"$work/answer" || return 1
	jq -r '.[].metric | "\(.instance):\(.alertname):\(.alertstate)"' "$work/answer" | LC_ALL=C sort >"$work/alerts"
	printf '%s\n' "$@" | LC_ALL=C sort | diff - "$work/alerts"
}

rules_are_valid() {
	"$programs/bin/promtool" check rules "$rules"
	"$programs/bin/promtool" test rules "$top/tests/contrib/sdei-nmi.rules.test.yml"
}

# Each alert has a case in which it is expected.
rules_are_tested() {
	sed -n 's/.* alert: //p' "$rules" | sort >"$work/all"
	[ "$(wc -l <"$work/all")" -ge 8 ]
	awk '/alertname: / { name = $NF } /exp_alerts:/ { print name }' "$top/tests/contrib/sdei-nmi.rules.test.yml" | sort -u | diff "$work/all" -
}

metrics_are_valid() {
	for machine in server serving; do
		$machine
		run 0 metrics
		[ -s "$work/out" ]
		"$programs/bin/promtool" check metrics <"$work/out"
	done
}

prometheus_has_metrics() {
	await is 'sdei_nmi_up{instance="a"}' 1
	await is 'sdei_nmi_up{instance="b"}' 0
	await is 'sdei_nmi_serving{instance="c"}' 0
	await is 'sdei_nmi_lockups_total{instance="a"}' 2
	await is 'sdei_nmi_irqs_off_seconds_bucket{instance="a",le="0.1"}' 3
	await is 'sdei_nmi_signals_refused_total{instance="a",reason="denied"}' 5
	await is 'sdei_nmi_lockup_detector_info{instance="a",kernel="none",driver="all"}' 1
	await is 'instance:sdei_nmi_irqs_off_over_100ms:count{instance="a"}' 7
}

# Machine a is well, the driver of b is not loaded, and that of c does not serve. The file of c is old. No counter has risen yet.
alerts_of_states() {
	await alerts_are b:SdeiNmiDown:pending b:SdeiNmiNoLockupDetector:pending c:SdeiNmiMetricsOld:firing \
		c:SdeiNmiNoLockupDetector:pending c:SdeiNmiNotServing:pending
}

alerts_of_counters() {
	for counter in lockups cpus_named signals_refused_denied irqs_off; do
		more "$counter"
	done
	metrics_of a
	await alerts_are a:SdeiNmiFirmwareRefuses:firing a:SdeiNmiHardLockup:firing a:SdeiNmiInterruptsOff:firing a:SdeiNmiNoBacktrace:firing \
		b:SdeiNmiDown:pending b:SdeiNmiNoLockupDetector:pending c:SdeiNmiMetricsOld:firing \
		c:SdeiNmiNoLockupDetector:pending c:SdeiNmiNotServing:pending
}

# Each query of the dashboard has an answer, with Grafana's variables replaced. Firmware of a has refused a signal.
dashboard_has_answers() {
	jq -r '[.. | .expr? // empty] | unique | .[]' "$top/contrib/grafana/sdei-nmi.json" |
		sed -e 's/\$instance/.*/g' -e 's/\$__rate_interval/5m/g' >"$work/queries"
	[ "$(wc -l <"$work/queries")" -ge 10 ]
	while read -r expression; do
		query "$expression" >"$work/answer" || { echo "in the query $expression" && return 1; }
		jq -e 'length > 0' "$work/answer" || { echo "no answer to $expression" && return 1; }
	done <"$work/queries"
}

rm -rf "$work"
mkdir -p "$work"
debian_prometheus
ktap_begin 7
ktap_check rules_are_valid rules_are_valid
ktap_check rules_are_tested rules_are_tested
ktap_check metrics_are_valid metrics_are_valid

trap end EXIT
trap 'exit 2' HUP INT TERM
server
metrics_of b
serving
put sys/kernel/sdei_nmi/state 'suspended\n'
metrics_of c
touch -d '-20 minutes' "$work/c/sdei_nmi.prom"
serving
metrics_of a
{
	printf '%s\n' 'global: { scrape_interval: 1s, evaluation_interval: 1s }' "rule_files: [ $rules ]" 'scrape_configs:' \
		'  - job_name: node' '    static_configs:'
	for machine in a b c; do
		start exporter-$machine prometheus-node-exporter --collector.disable-defaults --collector.textfile \
			"--collector.textfile.directory=$work/$machine"
		echo "      - { targets: [ '$address' ], labels: { instance: $machine } }"
	done
} >"$work/prometheus.yml"
start prometheus prometheus "--config.file=$work/prometheus.yml" "--storage.tsdb.path=$work/data"
server=http://$address

ktap_check prometheus_has_metrics prometheus_has_metrics
ktap_check alerts_of_states alerts_of_states
ktap_check alerts_of_counters alerts_of_counters
ktap_check dashboard_has_answers dashboard_has_answers
exit $ktap_failed
