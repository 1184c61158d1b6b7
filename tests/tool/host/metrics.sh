# SPDX-License-Identifier: GPL-2.0
# sdei-nmi metrics, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

metrics_for_a_collector() {
	server
	run 0 metrics
	metrics_format
	out 'sdei_nmi_up 0' 'sdei_nmi_lockup_detector 0'
	run 0 metrics --json
	valid metrics
	serving
	run 0 metrics
	metrics_format
	out 'sdei_nmi_up 1' 'sdei_nmi_serving 1' 'sdei_nmi_info{version="1.0",vendor="0x0",conduit="smc"} 1' 'sdei_nmi_cpus{reach="reachable"} 3' \
		'sdei_nmi_signals_refused_total{reason="denied"} 5' 'sdei_nmi_longest_held_seconds 1.000005000' 'sdei_nmi_requests_total 13' \
		'sdei_nmi_looks_total 70' 'sdei_nmi_looks_seconds_total 0.000001400' 'sdei_nmi_lockups_total 2' 'sdei_nmi_irqs_off_dropped_total 3' \
		'sdei_nmi_samples_total 40' 'sdei_nmi_samples_throttled_total 45'
	run 0 metrics --json
	valid metrics
	json 'd["up"] and d["counters"]["snapshots"] == 19 and d["counters"]["irqs_off_le_200ms"] == 3 and d["cpus"]["down"] == "4"'
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

# The parts of the histogram come in the order that collectors expect.
metrics_have_a_histogram() {
	serving
	run 0 metrics
	grep irqs_off_seconds "$work/out" >"$work/histogram"
	diff - "$work/histogram" <<-'END' || fail "the histogram is wrong"
		# HELP sdei_nmi_irqs_off_seconds Times in which a CPU had interrupts off for longer than the parameter watch.
		# TYPE sdei_nmi_irqs_off_seconds histogram
		sdei_nmi_irqs_off_seconds_bucket{le="0.001"} 0
		sdei_nmi_irqs_off_seconds_bucket{le="0.002"} 0
		sdei_nmi_irqs_off_seconds_bucket{le="0.005"} 1
		sdei_nmi_irqs_off_seconds_bucket{le="0.01"} 1
		sdei_nmi_irqs_off_seconds_bucket{le="0.02"} 2
		sdei_nmi_irqs_off_seconds_bucket{le="0.05"} 2
		sdei_nmi_irqs_off_seconds_bucket{le="0.1"} 3
		sdei_nmi_irqs_off_seconds_bucket{le="0.2"} 3
		sdei_nmi_irqs_off_seconds_bucket{le="0.5"} 4
		sdei_nmi_irqs_off_seconds_bucket{le="1"} 4
		sdei_nmi_irqs_off_seconds_bucket{le="10"} 5
		sdei_nmi_irqs_off_seconds_bucket{le="+Inf"} 10
		sdei_nmi_irqs_off_seconds_sum 12.345000678
		sdei_nmi_irqs_off_seconds_count 10
	END
	# A bucket that was read too late.
	put sys/kernel/sdei_nmi/counters/irqs_off_le_500ms '12\n'
	run 0 metrics
	metrics_format
	out 'le="+Inf"} 12' 'sdei_nmi_irqs_off_seconds_count 12'
	# An older driver, and one of which a counter cannot be read.
	for files in irqs_off_ns irqs_off_le_1ms irqs_off 'irqs_off*'; do
		serving
		find "$root/sys/kernel/sdei_nmi/counters" -name "$files" -delete
		run 0 metrics
		metrics_format
		no_out irqs_off_seconds
		run 0 metrics --json
		valid metrics
		json 'None in d["counters"].values()'
	done
	rm "$root/sys/kernel/sdei_nmi/counters/lockups"
	run 0 metrics
	metrics_format
	no_out lockups_total
	no_out irqs_off
}

# A fleet can alert on one number, whether or not the driver is loaded.
metrics_say_whether_lockups_are_detected() {
	for files in 'works unseen 1' 'works all 1' 'works off 1' 'gave-up all 1' 'gave-up off 0' 'none all 1' 'none off 0' 'odd odd -'; do
		# shellcheck disable=SC2086
		set -- $files
		serving
		put sys/kernel/sdei_nmi/kernel_detector "$1\n"
		put sys/kernel/sdei_nmi/lockup_detector "$2\n"
		run 0 metrics
		metrics_format
		if [ "$3" = - ]; then
			no_out 'sdei_nmi_lockup_detector '
			out 'sdei_nmi_lockup_detector_info{kernel="",driver=""} 1'
		else
			out "sdei_nmi_lockup_detector $3" "sdei_nmi_lockup_detector_info{kernel=\"$1\",driver=\"$2\"} 1"
		fi
		run 0 metrics --json
		valid metrics
		json "d['lockup_detector']['works'] is {'1': True, '0': False, '-': None}['$3']"
	done
	# The driver does not look while it does not serve.
	serving
	put sys/kernel/sdei_nmi/state 'suspended\n'
	run 0 metrics
	out 'sdei_nmi_lockup_detector 0'
	server
	put proc/sys/kernel/nmi_watchdog '1\n'
	put boot/config-6.12.0-test 'CONFIG_HARDLOCKUP_DETECTOR=y\nCONFIG_HARDLOCKUP_DETECTOR_BUDDY=y\n'
	run 0 metrics
	metrics_format
	out 'sdei_nmi_up 0' 'sdei_nmi_lockup_detector 1' 'sdei_nmi_lockup_detector_info{kernel="works",driver=""} 1'
	rm "$root/boot/config-6.12.0-test" "$root/proc/sys/kernel/nmi_watchdog"
	run 0 metrics
	metrics_format
	no_out 'sdei_nmi_lockup_detector '
}

metrics_into_a_file() {
	serving
	rm -rf "$work/prom"
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

# The rules and the dashboard use metrics that exist, and the dashboard is JSON.
contrib_uses_metrics_that_exist() {
	serving
	run 0 metrics
	sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$work/out" >"$work/metrics"
	printf '%s\n' sdei_nmi_irqs_off_seconds_bucket sdei_nmi_irqs_off_seconds_count >>"$work/metrics"
	sed -n 's/.* record: //p' "$top/contrib/prometheus/sdei-nmi.rules.yml" >>"$work/metrics"
	python3 -m json.tool "$top/contrib/grafana/sdei-nmi.json" >/dev/null || fail "the dashboard is not JSON"
	for file in prometheus/sdei-nmi.rules.yml grafana/sdei-nmi.json; do
		grep -E '"?expr"?:' "$top/contrib/$file" | grep -oE '(instance:)?sdei_nmi_[a-z0-9_]+(:count)?' | sort -u >"$work/used"
		[ "$(wc -l <"$work/used")" -ge 8 ] || fail "contrib/$file: the metrics were not found: $(paste -sd ' ' "$work/used")"
		unknown=$(grep -vxF -f "$work/metrics" "$work/used" | paste -sd ' ')
		[ -z "$unknown" ] || fail "contrib/$file uses metrics that the tool does not print: $unknown"
	done
}

# Two files with the same metrics are an error for the exporter.
metrics_have_one_file_name() {
	(cd "$top" && grep -rhoE '[A-Za-z0-9_.-]+\.prom\b' tool/man docs/*.md packaging | sort -u) >"$work/names"
	[ "$(cat "$work/names")" = sdei_nmi.prom ] || fail "the tree names more than one file for the metrics: $(paste -sd ' ' "$work/names")"
}
