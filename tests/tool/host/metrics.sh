# SPDX-License-Identifier: GPL-2.0
# sdei-nmi metrics, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

metrics_for_a_collector() {
	server
	run 0 metrics
	metrics_format
	out 'sdei_nmi_up 0'
	run 0 metrics --json
	valid metrics
	serving
	run 0 metrics
	metrics_format
	out 'sdei_nmi_up 1' 'sdei_nmi_serving 1' 'sdei_nmi_info{version="1.0",vendor="0x0",conduit="smc"} 1' 'sdei_nmi_cpus{reach="reachable"} 3' \
		'sdei_nmi_signals_refused_total{reason="denied"} 5' 'sdei_nmi_longest_held_seconds 1.000005000' 'sdei_nmi_requests_total 13'
	run 0 metrics --json
	valid metrics
	json 'd["up"] and d["counters"]["snapshots"] == 19 and d["cpus"]["down"] == "4"'
	# A driver that lacks a file, or has nonsense in it.
	rm "$root/sys/kernel/sdei_nmi/counters/late_answers"
	put sys/kernel/sdei_nmi/counters/requests '-1\n'
	put sys/kernel/sdei_nmi/cpus_idle '3-1\n'
	run 0 metrics
	metrics_format
	no_out late_answers
	no_out 'sdei_nmi_requests_total'
	no_out 'sdei_nmi_cpus{'
}

metrics_into_a_file() {
	serving
	mkdir "$work/prom"
	echo old >"$work/prom/sdei.prom"
	(umask 022 && run 0 metrics -o "$work/prom/sdei.prom") || exit 1
	cp "$work/prom/sdei.prom" "$work/out"
	metrics_format
	[ "$(stat -c %a "$work/prom/sdei.prom")" = 644 ] || fail "others can't read it"
	rm "$work/prom/sdei.prom"
	(umask 077 && run 0 metrics -o "$work/prom/sdei.prom") || exit 1
	[ "$(stat -c %a "$work/prom/sdei.prom")" = 644 ] || fail "the exporter can't read a new file: $(stat -c %a "$work/prom/sdei.prom")"
	[ "$(ls -A "$work/prom")" = sdei.prom ] || fail "there is more than the file: $(ls -A "$work/prom")"
	run 1 metrics -o "$work/nowhere/x.prom"
	run 1 metrics -o "$work/prom"
	run 1 metrics -o /dev/null
	run 2 metrics -o ''
	[ "$(id -u)" != 0 ] || {
		status=0
		as_nobody "$tool" --root "$root" metrics -o "$work/prom/sdei.prom" 2>"$work/err" || status=$?
		[ $status = 4 ] || fail "who may not write there gets $status: $(cat "$work/err")"
	}
}

# Two files with the same metrics are an error for the exporter.
metrics_have_one_file_name() {
	(cd "$top" && grep -rhoE '[A-Za-z0-9_.-]+\.prom\b' tool/man docs/*.md packaging | sort -u) >"$work/names"
	[ "$(cat "$work/names")" = sdei_nmi.prom ] || fail "the tree names more than one file for the metrics: $(paste -sd ' ' "$work/names")"
}
