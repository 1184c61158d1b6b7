# SPDX-License-Identifier: GPL-2.0
# sdei-nmi stacks, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

stacks_that_are_equal_stand_together() {
	serving
	run 0 stacks
	out '2 CPUs with the same stack: 1-2' 'idle: CPU 3' 'offline: CPU 4' 'wedge_spin+0x34/0x60 [wedge]' \
		"  kernel, interrupts off, CPU 2's timer has been waiting for 12.4 s" '  tasks spin/2, spin/1'
	no_out 'cpu_do_idle'
	no_out 'wedge_spin+0x30/0x60'
	[ "$(grep -n 'CPUs with the same' "$work/out" | cut -d : -f 1)" = 1 ] || fail "who waits longest does not come first"
	run 0 stacks --all
	out 'cpu_do_idle' 'wedge_spin+0x30/0x60'
	no_out 'same stack'
	run 0 stacks --json
	valid stacks
	json 'd["groups"] == [[2, 1], [0]] and len(d["cpus"]) == 5 and d["cpus"][1]["stack"][0]["address"] == "0xffff80007ab3a600"'
}

stacks_for_flame_graphs() {
	serving
	run 0 stacks --folded
	printf '%s\n' 'spin/1;kthread;wedge_spin [wedge] 1' 'spin/2;kthread;wedge_spin [wedge] 1' 'swapper;cpu_do_idle 1' | cmp -s - "$work/out" || fail "folded is $(cat "$work/out")"
	# A flame graph adds up many snapshots. A blank line would be a stack without a name.
	run 0 stacks --folded -w 0 -n 3
	[ "$(wc -l <"$work/out")" = 9 ] || fail "three snapshots of 3 stacks are not 9 lines: $(cat "$work/out")"
	run 0 stacks --folded -c 0
	[ ! -s "$work/out" ] || fail "the tool's own stack is there: $(cat "$work/out")"
	run 2 stacks --folded --json
	run 2 stacks --folded --all
}

stacks_of_chosen_cpus() {
	serving
	run 0 stacks -c 1,3
	out 'CPU 1' 'idle: CPU 3'
	no_out 'CPU 2'
	run 2 stacks -c 4
	err 'CPU 4 is offline'
	run 2 stacks -c 0-5
	err 'CPU 4 is offline'
	run 2 stacks -c 5
	err 'has no CPU 5'
	run 0 stacks -c 3 --json
	valid stacks
	json '[c["cpu"] for c in d["cpus"]] == [3] and d["groups"] == []'
}

stacks_of_silent_cpus() {
	serving
	sed -i '/^cpu: 3$/,/^cpu: 4$/c\cpu: 3\nstate: silent\nreason: it was asked by event 0\n\ncpu: 4' "$snapshot"
	run 5 stacks
	out 'CPU 3  silent: it was asked by event 0'
	err '1 CPU did not answer; the output says why'
	run 5 stacks --json
	valid stacks
	run 5 stacks --folded
	err 'without --folded'
	run 0 stacks -c 0-2
}

stacks_of_many_cpus_in_one_place_are_one_block() {
	serving
	cpus_in_one_place 127
	run 0 stacks
	head -n 4 "$work/out" >"$work/head"
	printf '%s\n' '128 CPUs with the same stack: 0-127' \
		"  kernel, interrupts off (CPUs 1-127), on (CPU 0), CPU 5's timer has been waiting for 9.00 s" \
		'  tasks spin/5, spin/0, spin/1, spin/2 and on 124 more CPUs' '    lock_spin+0x5/0x90' | cmp -s - "$work/head" ||
		fail "the block begins with: $(cat "$work/head")"
	[ "$(wc -l <"$work/out")" = 34 ] || fail "128 CPUs with one stack of 30 entries take $(wc -l <"$work/out") lines"
}

# As many as there may be, each with a stack that differs at its end.
stacks_of_thousands_of_cpus() {
	serving
	awk 'BEGIN {
		print "sdei_nmi stacks 1\nonline: 0-4095\n"
		for (c = 0; c < 4096; c++) {
			printf "cpu: %d\nstate: kernel\ntask: t%d\nstack:\n", c, c
			for (d = 0; d < 100; d++)
				printf " %x f%d+0x4/0x40\n", 4096 + d + (d == 99 ? int(c / 2) : 0), d
			print ""
		}
	}' >"$snapshot"
	# Seconds of a CPU, however busy the host is.
	# shellcheck disable=SC3045 # dash and bash have it
	(ulimit -t 5 && run 0 stacks) || exit 1
	[ "$(grep -c '^2 CPUs with the same stack' "$work/out")" = 2048 ] || fail "4096 CPUs are not 2048 pairs"
}

stacks_watched_fit_the_terminal() {
	serving
	cpus_in_one_place 3
	on_terminal "stty rows 10 cols 40; TERM=xterm '$tool' --root '$root' stacks -w 0.1 -n 2" || fail "it fails on a terminal: $(cat "$work/out")"
	last_frame
	[ "$(wc -l <"$work/frame")" = 9 ] || fail "a frame for 10 rows has $(wc -l <"$work/frame") lines: $(cat "$work/frame")"
	awk 'length > 40 { exit 1 }' "$work/frame" || fail "a line is longer than 40 columns: $(cat "$work/frame")"
	grep -q '^20[0-9-]* [0-9:]*  every 0.1 s, ' "$work/frame" || fail "the header has no clock: $(cat "$work/frame")"
	[ "$(sed -n 3p "$work/frame")" = '4 CPUs with the same stack: 0-3' ] || fail "the group does not come first: $(cat "$work/frame")"
	[ "$(tail -n 1 "$work/frame")" = '... 28 more lines' ] || fail "the last line does not say what is missing: $(cat "$work/frame")"
	# All of it fits here.
	on_terminal "stty rows 50 cols 200; TERM=xterm '$tool' --root '$root' stacks -w 0.1 -n 1" || fail "it fails on a terminal: $(cat "$work/out")"
	last_frame
	grep -q 'caller_29_of_the_lock+0x4/0x40$' "$work/frame" || fail "the end is missing: $(cat "$work/frame")"
	! grep -q 'more lines' "$work/frame" || fail "lines are missing though there is room: $(cat "$work/frame")"
}

# q is one key, without Enter: the terminal gets nothing after it until the tool has ended. The terminal has its modes back afterwards.
stacks_watched_until_q() {
	serving
	: >"$work/out"
	(shows 'q quits' && printf q && shows 'ended with') |
		timeout 60 script -qec "stty -a >'$work/before'; TERM=xterm timeout --foreground 20 '$tool' --root '$root' stacks -w 60; echo ended with \$?; stty -a >'$work/after'" \
			/dev/null >>"$work/out" 2>&1
	out 'q quits' 'ended with 0'
	cmp -s "$work/before" "$work/after" || fail "the terminal has other modes afterwards: $(diff "$work/before" "$work/after")"
}

stacks_watched() {
	serving
	run 0 stacks --watch 0.01 --count 3 --json
	[ "$(wc -l <"$work/out")" = 3 ] || fail "three snapshots are $(wc -l <"$work/out") lines"
	valid stacks lines
	run 0 stacks -w 0 -n 2
	[ "$(grep -c '^idle' "$work/out")" = 2 ] || fail "there are not two snapshots"
	run 2 stacks --count 3
	for seconds in '' -1 nan 1e3 86401 x 1x; do
		run 2 stacks "--watch=$seconds"
	done
}

stacks_that_can_not_be_understood() {
	for text in '' 'sdei_nmi stacks 1' 'sdei_nmi stacks 2\n' 'sdei_nmi stacks 1\n\ncpu: 0\nstate: kernel\nstack:\n zz' 'sdei_nmi stacks 1\n\ncpu: x\n' \
		'sdei_nmi stacks 1\nonline: 0-3\n\ncpu: 0\nstate: idle\n' '\0\0\0' '\377\377\n'; do
		serving
		put sys/kernel/debug/sdei_nmi/stacks "$text"
		run 1 stacks
		err "can't be understood in line"
		[ ! -s "$work/out" ] || fail "half a snapshot was shown"
	done
}

# The driver refuses a snapshot with ENFILE and logs nothing about it, so the tool does not point to the log.
stacks_that_too_many_programs_hold() {
	serving
	device
	for errno in 23 12; do
		# shellcheck disable=SC2034 # said reads them
		wanted=1 got=0
		# shellcheck disable=SC2034
		STACKS_ERRNO=$errno LD_PRELOAD="$work/device.so" "$tool" --root "$root" stacks >"$work/out" 2>"$work/err" </dev/null || got=$?
		said stacks
		case $errno in
		23) err 'too many programs hold a snapshot of the stacks; close them and try again.' ;;
		*) err 'Cannot allocate memory; see the kernel log.' ;;
		esac
	done
}

stacks_with_hostile_names() {
	serving
	put sys/kernel/debug/sdei_nmi/stacks 'sdei_nmi stacks 1\n\ncpu: 0\nstate: kernel\ntask: a\033[2J\\nb\377\302\233\342\200\256;"\\\\ 1\nreason: \001\nby: \r\npc: 10 f\033+0x0/0x4 [m]\nstack:\n 10 f\033+0x0/0x4 [m]\n'
	for how in '' --all --folded; do
		# shellcheck disable=SC2086
		run 0 stacks $how
		! LC_ALL=C grep -q '[^ -~]' "$work/out" || fail "what is not printable got through ($how)"
	done
	run 0 stacks --json
	valid stacks
	json 'd["cpus"][0]["task"] == r"""a\x1b[2J\x0ab\xff\xc2\x9b\xe2\x80\xae;"\\ 1"""'
	run 0 stacks --folded
	out 'a\x1b[2J\x0ab\xff\xc2\x9b\xe2\x80\xae:"\\ 1;f\x1b [m] 1'
}
