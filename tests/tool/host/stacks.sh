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

stacks_of_a_file_are_those_that_were_taken() {
	serving
	every_state
	run 5 stacks -o "$work/file"
	[ ! -s "$work/out" ] || fail "--output prints on the standard output, too"
	err "1 CPU did not answer; 'sdei-nmi stacks --file $work/file' says why"
	run 5 stacks --json
	valid stacks
	cmp -s "$work/out" "$work/file" || fail "--output is not what --json prints"
	in_every_form >"$work/live"
	# No driver and no files of the machine.
	rm -r "$root"
	mkdir "$root"
	in_every_form -F "$work/file" >"$work/read"
	grep -q '^kernel 6.12.0-test$' "$work/read" || fail "the kernel is not named"
	# Above the snapshot are two lines about it.
	sed '/^kernel 6/,+1d' "$work/read" | cmp -s "$work/live" - || fail "they differ: $(sed '/^kernel 6/,+1d' "$work/read" | diff "$work/live" -)"
	run 5 stacks --json --file "$work/file"
	cmp -s "$work/out" "$work/file" || fail "the round trip is not exact: $(diff "$work/file" "$work/out")"
	# shellcheck disable=SC2034 # for run
	input=$work/file
	run 5 stacks --json --file -
	cmp -s "$work/out" "$work/file" || fail "what comes by the standard input is not the file"
	run 0 diff "$work/file" -
	# shellcheck disable=SC2034 # the same
	input=$work
	run 1 stacks --file -
	err "the standard input can't be read: Is a directory"
	unset input
	run 1 stacks --file -
	err 'the standard input is not a complete file of snapshots: it is empty'
	run 2 stacks -F "$work/file" -c 4
	err "CPU 4 is offline in $work/file"
	run 2 stacks -F "$work/file" -c 9
	err "$work/file has no CPU 9"
	# Nothing is lost if a file replaces itself.
	cp "$work/file" "$work/copy"
	run 5 stacks -F "$work/copy" -o "$work/copy"
	cmp -s "$work/copy" "$work/file" || fail "a file that replaced itself has changed"
}

stacks_of_a_file_with_hidden_addresses() {
	serving
	every_state
	sed -i -e 's/^addresses: .*/addresses: hidden/' -e 's/^\( \|pc: \|sp: \)[0-9a-f]\{16\}/\10000000000000000/' "$snapshot"
	run 5 stacks --json
	valid stacks
	json 'd["cpus"][1]["pc"]["address"] is None and d["cpus"][1]["sp"] is None and d["cpus"][1]["pc"]["offset"] == 48'
	cp "$work/out" "$work/file"
	run 5 stacks -F "$work/file" --json
	cmp -s "$work/out" "$work/file" || fail "the round trip is not exact: $(diff "$work/file" "$work/out")"
	run 5 stacks -F "$work/file"
	out 'addresses are hidden'
}

stacks_say_when_and_where_they_were_taken() {
	serving
	device
	run 0 stacks --json
	json 'd["time"] is None and d["boot_id"] == "1b4e28ba-2fa1-11d2-883f-0016d3cca427" and d["release"] == "6.12.0-test"'
	json 'd["cpus"][1]["pc"] == {"address": "0xffff80007ab3a600", "name": "wedge_spin+0x30/0x60 [wedge]", "function": "wedge_spin", "offset": 48, "size": 96, "module": "wedge"}'
	json 'd["cpus"][1]["stack"][1]["module"] is None and d["cpus"][1]["stack"][1]["function"] == "kthread"'
	run 0 watch --json
	valid watch
	json 'd["stretches"][0]["stack"][0]["function"] == "wedge_spin" and d["stretches"][0]["stack"][0]["module"] == "wedge"'
	# Of this host, with the driver's files of the tree.
	for taken in 5000 "$(awk '{ printf "%d", $1 * 1000000000 }' /proc/uptime)"; do
		sed -i "s/^taken_ns: .*/taken_ns: $taken/" "$snapshot"
		MACHINE=$root LD_PRELOAD=$work/device.so "$tool" stacks --json >"$work/out"
		valid stacks
		json 'd["boot_id"] == open("/proc/sys/kernel/random/boot_id").read().strip() and d["release"] == __import__("os").uname().release'
		json '0 <= __import__("time").time() - __import__("datetime").datetime.fromisoformat(d["time"].replace("Z", "+00:00")).timestamp() < 20'
	done
	rm "$root/proc/sys/kernel/random/boot_id" "$root/proc/sys/kernel/osrelease"
	run 0 stacks --json
	valid stacks
	json 'd["boot_id"] is None and d["release"] is None'
	cp "$work/out" "$work/file"
	run 0 stacks -F "$work/file" --json
	cmp -s "$work/out" "$work/file" || fail "null is not read as null"
}

stacks_of_a_file_with_a_series() {
	serving
	every_state
	run 5 stacks -w 0 -n 3 --json
	cp "$work/out" "$work/file"
	run 5 stacks -w 0 -n 3 -o "$work/written"
	err "a CPU did not answer in 3 of 3 snapshots; 'sdei-nmi stacks --file $work/written' says why."
	cmp -s "$work/file" "$work/written" || fail "--watch --output is not what --watch --json prints"
	run 5 stacks -F "$work/file" --json
	valid stacks lines
	cmp -s "$work/file" "$work/out" || fail "the round trip is not exact"
	err 'a CPU did not answer in 3 of 3 snapshots; the output says why.'
	run 5 stacks -F "$work/file"
	[ "$(grep -c '^kernel 6.12.0-test$' "$work/out")" = 3 ] && [ "$(grep -c '^idle: CPU 3$' "$work/out")" = 3 ] || fail "there are not three snapshots"
	# A crash of the machine has cut the last one: the others are there.
	head -c -100 "$work/file" >"$work/cut"
	run 1 stacks -F "$work/cut" --folded
	err "$work/cut is not a complete file of snapshots: it ends within the snapshot that begins in line 3"
	[ "$(wc -l <"$work/out")" = 12 ] || fail "two snapshots of 6 stacks are $(wc -l <"$work/out") lines: $(cat "$work/out")"
	run 1 stacks -F "$work/cut" -o "$work/saved"
	head -n 2 "$work/file" | cmp -s - "$work/saved" || fail "what could be read is not written"
	# Documents of several lines, too.
	cat "$work/file" >"$work/both"
	run 5 stacks --json
	cat "$work/out" >>"$work/both"
	run 5 stacks -F "$work/both" --json
	[ "$(wc -l <"$work/out")" = 4 ] || fail "a document of several lines is not read after others"
}

# A series of another machine is printed as it arrives, each snapshot when the next one is there.
stacks_of_the_standard_input_as_they_come() {
	serving
	run 0 stacks -w 0 -n 2 --json
	cp "$work/out" "$work/file"
	mkfifo "$work/pipe"
	timeout 120 "$tool" stacks --file - <"$work/pipe" >"$work/out" 2>"$work/err" &
	exec 9>"$work/pipe"
	cat "$work/file" >&9
	for _ in $(seq 600); do
		[ "$(grep -c '^idle: CPU 3$' "$work/out")" = 0 ] || break
		sleep 0.1
	done
	[ "$(grep -c '^idle: CPU 3$' "$work/out")" = 1 ] || fail "before the end there is: $(cat "$work/out")"
	exec 9>&-
	wait $! || fail "it fails: $(cat "$work/err")"
	[ "$(grep -c '^idle: CPU 3$' "$work/out")" = 2 ] || fail "there are not two snapshots: $(cat "$work/out")"
}

# A chosen CPU goes offline in the middle of a series. Only the first snapshot can show that the list is wrong.
stacks_of_a_cpu_that_goes_offline() {
	serving
	run 0 stacks -w 0 -n 1 -c 1,3 -o "$work/first"
	run 0 stacks -w 0 -n 1 -c 1-2 -o "$work/second"
	cat "$work/first" "$work/second" "$work/first" >"$work/file"
	run 0 stacks -F "$work/file" -c 1,3 -o "$work/written"
	[ "$(wc -l <"$work/written")" = 3 ] || fail "of 3 snapshots $(wc -l <"$work/written") were written"
	run 2 stacks -F "$work/second" -c 1,3
	timeout 120 "$tool" --root "$root" stacks -w 0.01 -n 400 -c 1,3 -f >"$work/out" 2>"$work/err" &
	for _ in $(seq 600); do
		[ ! -s "$work/out" ] || break
		sleep 0.1
	done
	sed -e 's/^online: 0-3$/online: 0-2/' -e '/^cpu: 3$/,/^cpu: 4$/{ s/^state: idle$/state: offline/; /^\(by\|interrupts\|task\|pid\|uid\|stack\):/d; /^ /d }' "$snapshot" >"$work/less"
	mv "$work/less" "$snapshot"
	grep -q '^online: 0-2$' "$snapshot" || fail "CPU 3 is not offline in the snapshot"
	wait $! || fail "the series ended when CPU 3 went offline: $(cat "$work/err")"
	[ "$(grep -c '^spin/1;' "$work/out")" = 400 ] || fail "of 400 snapshots there are $(grep -c '^spin/1;' "$work/out")"
}

# A disk that is full: what was written stays, as far as it is of use, and the reason is named.
stacks_on_a_full_disk() {
	serving
	mkdir "$work/full"
	echo old >"$work/full/file"
	# A file of more than 16 KiB is too large.
	limited() {
		(
			trap '' XFSZ
			ulimit -f 32
			run "$@"
		)
	}
	limited 1 stacks -w 0 -n 100 -o "$work/full/file"
	err "$work/full/file has only what was written before a write failed: File too large; check whether its file system is full."
	snapshots=$(wc -l <"$work/full/file")
	[ "$snapshots" -gt 1 ] && [ "$snapshots" -lt 100 ] || fail "$snapshots snapshots are left"
	run 0 stacks -F "$work/full/file" -f
	# Less than one snapshot has room.
	echo old >"$work/full/file"
	limited() {
		(
			trap '' XFSZ
			ulimit -f 1
			run "$@"
		)
	}
	for command in 'stacks -w 0 -n 100' 'stacks' 'report -s'; do
		# shellcheck disable=SC2086 # a subcommand with its options
		limited 1 $command -o "$work/full/file"
		err "$work/full/file could not be written and is unchanged: File too large; check whether its file system is full."
		[ "$(cat "$work/full/file")" = old ] && [ "$(ls -A "$work/full")" = file ] || fail "'$command' changed the file, or left another one"
	done
}

stacks_written_until_a_signal() {
	serving
	for signal in INT TERM HUP; do
		rm -rf "$work/o"
		mkdir "$work/o"
		timeout --foreground 120 "$tool" --root "$root" stacks -w 0.01 -o "$work/o/file" 2>"$work/err" &
		for _ in $(seq 600); do
			[ "$(cat "$work"/o/.sdei-nmi.* 2>/dev/null | wc -l)" -lt 3 ] || break
			sleep 0.1
		done
		[ ! -e "$work/o/file" ] || fail "the file is there before it is complete"
		kill -$signal $!
		wait $! || fail "SIG$signal makes it fail: $(cat "$work/err")"
		[ "$(ls -A "$work/o")" = file ] && [ "$(wc -l <"$work/o/file")" -ge 3 ] || fail "the series is lost by SIG$signal"
		run 0 stacks -F "$work/o/file" -f
	done
	# The driver goes away: what was written stays.
	timeout --foreground 120 "$tool" --root "$root" stacks -w 0.01 -o "$work/o/file" 2>"$work/err" &
	for _ in $(seq 600); do
		[ "$(cat "$work"/o/.sdei-nmi.* 2>/dev/null | wc -l)" -lt 3 ] || break
		sleep 0.1
	done
	rm "$snapshot"
	! wait $! || fail "a series without its end is a success"
	run 0 stacks -F "$work/o/file" -f
	# Nothing was taken, so nothing is written.
	echo kept >"$work/o/file"
	run 3 stacks -o "$work/o/file"
	[ "$(cat "$work/o/file")" = kept ] && [ "$(ls -A "$work/o")" = file ] || fail "a failure changed the file"
}

stacks_of_a_file_that_is_none() {
	serving
	refused '' 'it is empty'
	refused '\n \n' 'it is empty'
	refused '\0' 'line 1 has a NUL byte'
	refused 'sdei_nmi stacks 1\n' 'line 1 is not a JSON object'
	refused '[{}]' 'line 1 is not a JSON object'
	refused '{"format": "sdei-nmi-stacks",\n\033[2J' 'line 2 is not JSON'
	refused '{"format": "sdei-nmi-sta' 'it ends within the snapshot that begins in line 1'
	refused '{"format": "\033[2J"}'
	refused '{"format": "sdei-nmi-status", "version": 1}' 'the snapshot in line 1 has a flaw (format is not "sdei-nmi-stacks")'
	refused '{"format": "sdei-nmi-stacks", "version": 2}' 'the snapshot in line 1 has a flaw (version is 2, which only a later version'
	run 0 stacks --json
	python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))))' "$work/out" >"$work/file"
	for change in 's/"cpu": 2/"cpu": 1/|CPU 1 is there twice' 's/"cpu": 2/"cpu": 8192/|cpu is not a number from 0 to 8191' 's/"pid": 167/"pid": -1/|out of range' \
		's/"pid": 167/"pid": 99999999999999999999/|out of range' 's/"waiting_ns": 2000000000/"waiting_ns": 1.5/|not an integer' 's/"uid": 0,//g|uid is missing' \
		's/"0xffff800080040000"/null/|address is null' 's/"wedge_spin"/"x"/|function is not that of the name'; do
		sed "${change%|*}" "$work/file" >"$work/changed"
		! cmp -s "$work/file" "$work/changed" || fail "'$change' changes nothing"
		run 1 stacks -F "$work/changed"
		err "${change#*|}"
		[ ! -s "$work/out" ] || fail "half a snapshot was shown"
	done
	run 1 stacks -F "$work"
	err 'Is a directory'
	run 1 stacks -F "$work/nothing"
	err 'No such file'
	run 1 stacks -F ''
	rm -f "$work/fifo"
	mkfifo "$work/fifo"
	run 1 stacks -F "$work/fifo"
	err 'it is not a regular file'
	run 1 stacks -F /dev/zero
	err 'it is not a regular file'
	for pair in 'gzip zcat' 'xz xzcat' 'bzip2 bzcat' 'zstd zstdcat'; do
		command -v "${pair% *}" >/dev/null || continue
		"${pair% *}" -c <"$work/file" >"$work/packed"
		run 1 stacks -F "$work/packed"
		err "is compressed; decompress it first: '${pair#* } FILE | sdei-nmi stacks --file -'"
	done
	chmod 0 "$work/file"
	status=0
	as_nobody "$tool" stacks -F "$work/file" >"$work/out" 2>"$work/err" || status=$?
	[ $status = 4 ] || [ "$(id -u)" != 0 ] || fail "a file without permission ends with $status"
	for arguments in '-F x -w 1' '-o /nowhere/x -f' '-F' '-o' '-F x -n 2' '-F x y'; do
		# shellcheck disable=SC2086
		run 2 stacks $arguments
	done
}

# A text of 100 MB that begins like a document takes neither much time nor more than 1.5 GB of memory.
stacks_of_a_file_of_junk() {
	serving
	for junk in '{},' '0,' '[],' '{"a":0},' '"x",' ' ' '\0'; do
		{ printf '{"a": [' && yes "$(printf '%200s' '' | sed "s/ /$junk/g")" | tr -d '\n' | head -c 100000000; } >"$work/junk"
		[ "$junk" != '\0' ] || { printf '{"a": [' && head -c 100000000 /dev/zero; } >"$work/junk"
		# shellcheck disable=SC3045 # dash and bash have it
		(ulimit -v 1500000 && ulimit -t 20 && run 1 stacks -F "$work/junk") || exit 1
		case $junk in
		' ') err 'it ends within the snapshot' ;;
		'\0') err 'line 1 has a NUL byte' ;;
		*) err 'the snapshot in line 1 is larger than a snapshot can be' ;;
		esac
	done
	rm "$work/junk"
}

stacks_of_a_file_with_hostile_names() {
	serving
	run 0 stacks --json
	python3 - "$work/out" "$work/file" <<-'END'
		import json, sys
		d = json.load(open(sys.argv[1]))
		bad = "a\x1b[2J\0\x9b\u202e;\ud800\"\\x1b"
		d["release"] = d["boot_id"] = d["addresses"] = bad
		for cpu in d["cpus"]:
		    cpu["task"] = cpu["reason"] = cpu["by"] = cpu["interrupts"] = bad
		    cpu["state"] = bad if cpu["cpu"] == 2 else "silent" if cpu["cpu"] == 3 else cpu["state"]
		    for place in (cpu["stack"] or []) + ([cpu["pc"]] if cpu["pc"] else []):
		        place["name"] = bad
		        for key in "function", "offset", "size", "module":
		            del place[key]
		open(sys.argv[2], "w").write(json.dumps(d) + "\n")
	END
	for how in '' --all --folded --json; do
		# shellcheck disable=SC2086
		run 5 stacks -F "$work/file" $how
		! LC_ALL=C sed 's/\xef\xbf\xbd//g' "$work/out" | LC_ALL=C grep -q '[^ -~]' || fail "what is not printable got through ($how): $(cat -v "$work/out")"
	done
	valid stacks
	json 'd["cpus"][1]["task"].startswith(r"a\x1b[2J\x00\xc2\x9b\xe2\x80\xae;")'
	cp "$work/out" "$work/again"
	run 5 stacks -F "$work/again" --json
	cmp -s "$work/out" "$work/again" || fail "the escapes are escaped again: $(diff "$work/again" "$work/out")"
}
