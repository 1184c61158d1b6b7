# SPDX-License-Identifier: GPL-2.0
# sdei-nmi watch, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

watch_of_what_is_recorded() {
	serving
	run 0 watch
	printf '%s\n' 'interrupts off for longer than 5ms, recorded for 63.0 s' '' \
		'site                count    total    worst  CPU  task' \
		'wedge_spin [wedge]      3   1.20 s   400 ms    2  spin/2' \
		'slow_poll [nvme]        2  14.0 ms  8.00 ms    3  kworker/3:1' '' \
		'CPU 1  off now, for 1.00 s, in hold_lock, task dd  pid 300' | cmp -s - "$work/out" || fail "it prints: $(cat "$work/out")"
	run 0 watch --stacks
	out 'CPU 2  off for 400 ms, in wedge_spin [wedge], task spin/2  pid 168, ended 3.60 s ago' '    wedge_spin+0x34/0x60 [wedge]' \
		'    hold_lock+0x10/0x20' '    ... cut after 1 entries'
	no_out 'off for 300 ms'
	no_out 'wedge_spin+0x30/0x60'
}

watch_as_json() {
	serving
	run 0 watch --json
	valid watch
	json '[s["site"] for s in d["sites"]] == ["wedge_spin [wedge]", "slow_poll [nvme]"] and d["sites"][0]["worst_ns"] == 400000000'
	json '[s["stretch"] for s in d["stretches"]] == [41, 42, 43] and d["stretches"][2]["total_ns"] is None and d["watch_ns"] == 5000000'
	json 'd["stretches"][0]["stack"][0]["address"] == "0xffff80007ab3a604" and d["stretches"][0]["stack"][0]["name"] == "wedge_spin+0x34/0x60 [wedge]" and d["missed"] == 0'
	sed -i 's/^addresses: shown/addresses: hidden/; s/^site: slow.*/site: ?/' "$irqs_off"
	run 0 watch -j
	valid watch
	json 'd["stretches"][0]["stack"][0]["address"] is None and d["sites"][1]["site"] is None'
	run 0 watch
	out '(other functions)' 'addresses are hidden'
}

# The time of each stretch counts, and of one that has not ended the time until it was seen.
watch_for_flame_graphs() {
	serving
	run 0 watch --folded
	printf '%s\n' 'dd;[cut];hold_lock 5500' 'spin/2;kthread;wedge_daif [wedge];wedge_spin [wedge] 700000' | cmp -s - "$work/out" || fail "folded is $(cat "$work/out")"
}

watch_without_a_record() {
	serving
	limit off
	printf 'sdei_nmi irqs_off 1\nwatch_ns: 0\nstarted_ns: 0\nnow_ns: 9\ndropped: 0\naddresses: shown\n' >"$irqs_off"
	run 0 watch
	[ ! -s "$work/out" ] || fail "it prints $(cat "$work/out")"
	err 'nothing is recorded, because the limit of the driver is off' "run 'sdei-nmi watch --over 5ms'"
	run 0 watch --json
	valid watch
	json 'd["sites"] == [] and d["stretches"] == [] and d["started_ns"] == 0'
	# The record is over.
	sed -i 's/^started_ns: 0/started_ns: 5/' "$irqs_off"
	run 0 watch
	out 'no CPU had interrupts off for longer than the limit until it was switched off'
	sed -i 's/^watch_ns: 0/watch_ns: 5000000/; s/^now_ns: 9/now_ns: 2000000005/; s/^dropped: 0/dropped: 7/' "$irqs_off"
	run 0 watch
	out 'no CPU had interrupts off for longer than 5ms, recorded for 2.00 s' '7 more have no stack'
}

watch_with_arguments_that_are_none() {
	serving
	for arguments in '--folded --columns=site' '--folded --noheadings' '--folded --sort=site' 'extra' '--for 1s' '--folded --json' '--folded --stacks'; do
		# shellcheck disable=SC2086
		run 2 watch $arguments
	done
	for time in '' 5 499us 11s 10001ms 5m 1h -5ms s '5 ms' 5msx; do
		run 2 watch "--over=$time"
		err 'such as 5ms'
	done
	for time in '' 0 8761h x 1d '1 m' 100us; do
		run 2 watch --over 5ms "--for=$time"
		err '5m or 1h'
	done
	run 2 watch --over 5ms
	err "can't be combined with --root"
}

watch_sets_the_limit_back() {
	serving
	for before in off 20ms; do
		limit $before
		for end in INT TERM HUP; do
			watching 0 --over 5ms
			limit_is 5ms
			kill -s $end $!
			watched $end
			limit_is $before
			out 'wedge_spin [wedge]      3   1.20 s   400 ms    2  spin/2'
		done
	done
	watching 0 --over 0.005s --for .1
	watched --for
	limit_is 20ms
	# Other forms of a time. A signal ends the tool, because a busy host may sleep through any time that --for gives.
	for time in '0.005s 5ms' '1500us 1500us' '1.5ms 1500us' '2s 2s'; do
		limit off
		sed -i 's/^watch_ns: .*/watch_ns: 500000/' "$irqs_off"
		watching 0 --over "${time% *}"
		limit_is "${time#* }"
		kill $!
		watched "$time"
		limit_is off
	done
}

watch_beside_a_record() {
	serving
	watching 0 --over 5ms --for 100ms
	watched same
	err 'the driver already records what is longer than 5ms; this limit stays'
	watching 0 --over 10ms --for 100ms --json
	watched shorter
	valid watch
	err 'the driver already records what is longer than 5ms; this limit stays, and 10ms does not apply.'
	limit_is 5ms
}

# The first one sets the limit back, so a second one must not change it meanwhile.
watch_two_at_once() {
	serving
	limit off
	watching 0 --over 5ms
	first=$!
	limit_is 5ms
	watching 1 --over 1ms
	watched second
	err "another 'sdei-nmi watch --over' has set the limit, which is 5ms"
	watching 0 --over 5ms --for 100ms
	watched third
	kill "$first"
	limit_is off
	wait "$first" || fail "the first one failed"
}

watch_whose_limit_is_changed() {
	serving
	limit off
	watching 0 --over 5ms
	limit_is 5ms
	limit 1ms
	kill $!
	watched changed
	err 'another program has changed the limit to 1ms meanwhile; it stays'
	limit_is 1ms
	# The record has a gap. It is printed nevertheless.
	limit off
	watching 1 --over 5ms
	limit_is 5ms
	sed 's/^watch_ns: .*/watch_ns: 0/' "$irqs_off" >"$work/off"
	limit off
	sleep 0.2
	mv "$work/off" "$irqs_off"
	got=0
	wait $! || got=$?
	[ $got = 1 ] || fail "a record that was switched off ends with $got"
	err 'another program has changed the limit to off, so the record is not complete'
	out 'recorded until the limit was switched off'
}

# The driver keeps the newest stretches only.
watch_loses_no_stretch() {
	serving
	limit off
	watching 0 --over 5ms --json
	limit_is 5ms
	sleep 0.3
	sed -e '/^stretch: 41/,/^stretch: 43/{/^stretch: 43/!d}' -e 's/^seen_ns: 5500000/&\ntotal_ns: 9000000/' "$irqs_off" >"$work/next"
	printf '\nstretch: 44\ncpu: 0\nsite: late\nsince_ns: 63500000000\nseen_ns: 5000000\ntotal_ns: 6000000\ntask: x\npid: 1\nstack:\n' >>"$work/next"
	mv "$work/next" "$irqs_off"
	sleep 1.5
	kill $!
	watched lost
	valid watch
	json '[(s["stretch"], s["total_ns"]) for s in d["stretches"]] == [(41, 400000000), (42, 300000000), (43, 9000000), (44, 6000000)] and d["missed"] == 0'
}

watch_until_the_driver_is_unloaded() {
	serving
	limit off
	watching 3 --over 5ms
	limit_is 5ms
	sleep 0.3
	rm -r "$root/sys"
	got=0
	wait $! || got=$?
	[ $got = 3 ] || fail "without the driver it ends with $got: $(cat "$work/err")"
	[ "$(wc -l <"$work/err")" = 1 ] || fail "it says more than one sentence: $(cat "$work/err")"
	out 'wedge_spin [wedge]      3'
}

watch_on_a_terminal() {
	serving
	limit off
	: >"$work/out"
	watching_there="MACHINE='$root' LD_PRELOAD='$work/device.so' TERM=xterm timeout --foreground 20 '$tool' watch --over 5ms"
	# The first one builds the stand-in.
	watching 0 --over 5ms --for 10ms
	watched once
	: >"$work/out"
	(shows 'q quits' && limit_is 5ms && printf q && shows 'ended with') |
		timeout 60 script -qec "stty rows 12 cols 60; $watching_there; echo ended with \$?" /dev/null >>"$work/out" 2>&1
	out 'q quits' 'ended with 0'
	limit_is off
	# All that did not fit is printed at the end, but the newest stacks only where they fit.
	last_frame
	[ "$(sed -n 1p "$work/frame")" = 'interrupts off for longer than 5ms, recorded for 63.0 s' ] || fail "the record is not printed at the end: $(cat "$work/frame")"
	! grep -e 'q quits' -e 'more lines' -e wedge_spin+0x34/0x60 "$work/frame" || fail "the last frame is printed again"
	grep -q 'wedge_spin .wedge  *3 ' "$work/frame" || fail "the record has no table: $(cat "$work/frame")"
	frame_before_last
	cp "$work/frame" "$work/lines"
	[ "$(wc -l <"$work/lines")" = 11 ] || fail "a frame for 12 rows has $(wc -l <"$work/lines") lines: $(cat "$work/lines")"
	awk 'length > 60 { exit 1 }' "$work/lines" || fail "a line is longer than 60 columns: $(cat "$work/lines")"
	[ "$(sed -n 3p "$work/lines")" = 'interrupts off for longer than 5ms, recorded for 63.0 s' ] || fail "there is no heading: $(cat "$work/lines")"
	[ "$(sed -n 11p "$work/lines")" = '... 13 more lines' ] || fail "the last line does not say what is missing: $(cat "$work/lines")"
	# The newest stack comes first.
	on_terminal "stty rows 50 cols 200; $watching_there --for 10ms" || fail "it fails on a terminal: $(cat "$work/out")"
	frame_before_last
	[ "$(grep '^CPU ' "$work/frame" | cut -d ' ' -f 2 | paste -sd ' ')" = '1 1 2 2' ] || fail "the stacks are in another order: $(cat "$work/frame")"
	grep -q 'wedge_spin+0x34/0x60' "$work/frame" || fail "a stack is missing: $(cat "$work/frame")"
}

watch_whose_output_is_lost() {
	serving
	limit off
	watching 0 --over 5ms --for 10ms
	watched once
	for how in '' --json --folded; do
		status=0
		# shellcheck disable=SC2086
		MACHINE=$root LD_PRELOAD=$work/device.so "$tool" watch --over 5ms --for 10ms $how >/dev/full 2>"$work/err" || status=$?
		[ $status = 1 ] || fail "a full disk ends with $status"
		limit_is off
	done
}

watch_that_can_not_set_the_limit() {
	serving
	limit off
	watching 0 --over 5ms --for 10ms
	watched once
	chmod 755 "$root"
	chmod 444 "$root/sys/module/sdei_nmi/parameters/watch"
	status=0
	MACHINE=$root LD_PRELOAD=$work/device.so as_nobody "$tool" watch --over 5ms --for 10ms >"$work/out" 2>"$work/err" || status=$?
	[ $status = 4 ] || fail "it ends with $status: $(cat "$work/err")"
	err 'no permission to write /sys/module/sdei_nmi/parameters/watch; run the tool as root'
	[ ! -s "$work/out" ] || fail "it prints $(cat "$work/out")"
	limit maybe
	watching 1 --over 5ms
	watched maybe
	err "parameters/watch can't be understood"
	rm "$root/sys/module/sdei_nmi/parameters/watch"
	watching 3 --over 5ms
	watched missing
	err 'newer module'
}

watch_that_can_not_be_understood() {
	for text in '' 'sdei_nmi irqs_off 1' 'sdei_nmi irqs_off 2\n' 'sdei_nmi irqs_off 1\n' 'sdei_nmi irqs_off 1\nwatch_ns: x\n' '\0\0\0' '\377\377\n' \
		'sdei_nmi irqs_off 1\nwatch_ns: 0\nstarted_ns: 0\nnow_ns: 0\ndropped: 0\n\nsite: f\n'; do
		serving
		put sys/kernel/debug/sdei_nmi/irqs_off "$text"
		run 1 watch
		err "irqs_off can't be understood in line"
		[ ! -s "$work/out" ] || fail "half a record was shown"
		watching 1 --over 1ms
		watched text
		limit_is 5ms
	done
}

watch_with_hostile_names() {
	serving
	printf 'sdei_nmi irqs_off 1\nwatch_ns: 1000000\nstarted_ns: 0\nnow_ns: 90\ndropped: 0\n\nsite: f\033[2J\ncount: 1\ntotal_ns: 1\nworst_ns: 1\ntask: a\033\\n\302\233\n\nstretch: 1\ncpu: 0\nsite: \342\200\256;\nsince_ns: 1\nseen_ns: 2000\ntask: a\033;b\npid: 1\nstack:\n 10 f\033;+0x0/0x4 [m]\n' >"$irqs_off"
	sed -i 's/^started_ns: 0/started_ns: 1/' "$irqs_off"
	for how in '' --stacks --folded; do
		# shellcheck disable=SC2086
		run 0 watch $how
		! LC_ALL=C grep -q '[^ -~]' "$work/out" || fail "what is not printable got through ($how)"
	done
	out 'a\x1b:b;f\x1b: [m] 2'
	run 0 watch --json
	valid watch
}
