# SPDX-License-Identifier: GPL-2.0
# sdei-nmi top, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

top_fits_a_large_and_a_small_terminal() {
	busy
	cat >"$work/large" <<-'END'
		HH:MM:SS  every 3600 s  by waiting
		irqs off 3  silent 1  idle 1  online 8  offline 1
		  CPUS       STATE   IRQS   WAITING TASK (PID)          FUNCTION
		+ 5          silent  -            - -                   event 0 was sent and not
		+ 1-2        kernel  off     12.4 s spin/2 (168) +1     wedge_spin [wedge]
		+ 7          kernel  off    3.00 ms kworker/7:1 (90)    nvme_poll [nvme]
		+ 6          user    on           - make (900)
		+ 8          kernel  on           - dd (300)            hold_lock
		+ 0          self    on           - sdei-nmi (200)      stacks_open [sdei_nmi]
		+ 3          idle    on           - -                   cpu_do_idle
		+ 4          offline -            - -












		h help  q quit  space pause  s sort  e expand  / filter
	END
	cat >"$work/small" <<-'END'
		HH:MM:SS  every 3600 s  by waiting
		irqs off 3  silent 1  idle 1  online 8
		  CPUS     IRQS   WAITING FUNCTION
		+ 5        -            - event 0 was se
		+ 1-2      off     12.4 s wedge_spin [we
		+ 7        off    3.00 ms nvme_poll [nvm
		+ 6        on           - user
		+ 8        on           - hold_lock
		+ 0        on           - stacks_open [s
		h help  q quit  space pause  s so  1-6/8
	END
	top_does 24x80 -d 3600 <<-END
		screen $work/large
		resize 10x40
		screen $work/small
		resize 24x80
		screen $work/large
		blank
		type \\x0c
		screen $work/large
		type q
		ends 5
	END
	# The selection stays on the screen, and the last lines can be reached.
	top_does 10x40 -d 3600 <<-END
		screen $work/small
		type \\x1b[4~
		selected offline
		row 9 h help  q quit  space pause  s so  3-8/8
		type a
		selected offline
		type \\x1b[1~
		selected event 0
		row 4     event 0 was sent and not answered in
		row 9 h help  q quit  space pause  s s  1-6/26
		type \\x1b[6~\\x1b[6~
		row 9 h help  q quit  space pause  s   6-11/26
		type \\x1b[4~
		selected nothing more is known
		row 9 h help  q quit  space pause  s  21-26/26
		type q
		ends 5
	END
}

# Whatever the size is, no line is wrapped.
top_fits_any_terminal() {
	busy
	for size in 1x1 2x3 3x20 5x40 6x63 7x64 100x300; do
		top_does $size -d 3600 <<-END
			await +
			type a\\x1b[4~h
			type x/kernel
			type \\n
			type \\x1b[1~q
			ends 5
		END
	done
	top_does 4x9 -d 3600 <<-END
		row 0 HH:MM:SS
		row 1 + 5
		row 2 + 1-2
		row 3 h   1-2/8
		resize 9x63
		row 2   CPUS     IRQS   WAITING FUNCTION
		row 3 + 5        -            - event 0 was sent and not answered in
		resize 9x64
		row 2   CPUS       STATE   IRQS   WAITING TASK (PID)          FUNCTION
		resize 9x200
		row 4 + 1-2                     kernel  off     12.4 s spin/2 (168) +1                 wedge_spin [wedge]
		type q
		ends 5
	END
	# The terminal knows its size better than the environment.
	(export LINES=7 COLUMNS=30 && top_does 24x80 -d 3600 <<-'END') || exit 1
		row 23 h help  q quit  space pause  s sort  e expand  / filter
		type q
		ends 5
	END
	cpus_in_one_place 600
	sed -i '/^cpu: .*[13579]$/,/^$/d; s/^online: .*/online: 0/' "$snapshot"
	top_does 24x80 -d 3600 <<-END
		row 3 + 301: 0,2.. kernel  mixed  1.00 us spin/0              lock_spin
		type q
		ends 0
	END
}

top_sorts() {
	busy
	top_does 24x80 -d 3600 <<-'END'
		row 3 + 5          silent  -            - -                   event 0 was sent and not
		type r
		await by waiting, reversed
		row 3 + 4          offline -            - -
		row 9 + 1-2        kernel  off     12.4 s spin/2 (168) +1     wedge_spin [wedge]
		row 10 + 5          silent  -            - -                   event 0 was sent and not
		type rs
		await by CPU
		row 3 + 0          self    on           - sdei-nmi (200)      stacks_open [sdei_nmi]
		row 10 + 8          kernel  on           - dd (300)            hold_lock
		type s
		await by task
		row 3 + 8          kernel  on           - dd (300)            hold_lock
		row 4 + 7          kernel  off    3.00 ms kworker/7:1 (90)    nvme_poll [nvme]
		row 5 + 6          user    on           - make (900)
		type s
		await by function
		row 3 + 3          idle    on           - -                   cpu_do_idle
		row 5 + 8          kernel  on           - dd (300)            hold_lock
		type s
		await by waiting
		row 4 + 1-2        kernel  off     12.4 s spin/2 (168) +1     wedge_spin [wedge]
		type q
		ends 5
	END
}

top_filters() {
	busy
	top_does 24x80 -d 3600 <<-'END'
		await h help
		type /SPIN/1\n
		await filter: SPIN/1
		gone nvme_poll
		row 3 + 1-2        kernel  off     12.4 s spin/2 (168) +1     wedge_spin [wedge]
		row 4
		type />1ms\n
		await filter: >1ms
		row 3 + 1-2        kernel  off     12.4 s spin/2 (168) +1     wedge_spin [wedge]
		row 4 + 7          kernel  off    3.00 ms kworker/7:1 (90)    nvme_poll [nvme]
		row 5
		type /cpu:2,6-7 kernel\n
		row 4 + 7          kernel  off    3.00 ms kworker/7:1 (90)    nvme_poll [nvme]
		row 5
		type />soon\n
		row 23 write a time as >10ms or >2s; '>soon' has no valid time.
		await filter: cpu:2,6-7 kernel
		type /cpu:3-1\n
		row 23 write CPUs as cpu:0-3,8; 'cpu:3-1' is invalid: it has a range that ends before i
		row 5
		type /nothing-like-it\n
		row 3 no CPU matches the filter
		type /dle\x7f\x7f\x7fuser
		row 23 /user
		type \x1b
		await h help
		row 3 no CPU matches the filter
		type /x\x15idle\n
		row 3 + 3          idle    on           - -                   cpu_do_idle
		type /\n
		gone filter:
		await nvme_poll
		type q
		ends 5
	END
}

top_expands() {
	busy
	top_does 24x80 -d 3600 <<-'END'
		await nvme_poll
		type j\n
		row 4 - 1-2        kernel  off     12.4 s spin/2 (168) +1     wedge_spin [wedge]
		row 5     2 CPUs: 1-2
		row 6     CPU 2  spin/2 (168), interrupts off, waiting 12.4 s
		row 7     CPU 1  spin/1 (167), interrupts off, waiting 2.00 s
		row 8       wedge_spin+0x34/0x60 [wedge]
		row 9       kthread+0xec/0xf8
		row 10 + 7          kernel  off    3.00 ms kworker/7:1 (90)    nvme_poll [nvme]
		type jj
		selected CPU 2  spin/2
		type e
		selected wedge_spin [wedge]
		row 5 + 7          kernel  off    3.00 ms kworker/7:1 (90)    nvme_poll [nvme]
		type a
		await reached by event in 20.0 us, held for 5.00 us
		row 4     event 0 was sent and not answered in 1000 ms
		type a
		gone reached by event
		type q
		ends 5
	END
}


top_keeps_its_selection() {
	busy
	# CPU 7 waits longest now, CPU 2 has left the group, and CPU 8 is in another function.
	sed -e 's/^waiting_ns: 3000000/waiting_ns: 99000000000/' -e '/^cpu: 2$/,/^$/s/wedge_spin/other_spin/' -e 's/hold_lock/drop_lock/' "$snapshot" >"$work/next"
	top_does 24x80 -d 0.02 <<-END
		await nvme_poll
		type jj
		selected nvme_poll
		run mv '$work/next' '$snapshot'
		await 99.0 s
		selected nvme_poll
		row 4 + 7          kernel  off     99.0 s kworker/7:1 (90)    nvme_poll [nvme]
		type q
		ends 5
	END
	# The group is found by its place, and what stands alone by its CPU; both stay expanded.
	busy
	sed -e 's/^waiting_ns: 3000000/waiting_ns: 99000000000/' -e '/^cpu: 2$/,/^$/s/wedge_spin/other_spin/' -e 's/hold_lock/drop_lock/' "$snapshot" >"$work/next"
	top_does 24x80 -d 0.02 <<-END
		await nvme_poll
		type jee
		selected wedge_spin
		type jjj
		selected hold_lock
		type e
		await hold_lock+0x10
		run mv '$work/next' '$snapshot'
		await drop_lock+0x10
		selected drop_lock
		type q
		ends 5
	END
	# Until a key moves the selection, it is on the first row.
	busy
	sed -e '/^cpu: 5$/,/^$/d' -e 's/^online: .*/online: 0/' "$snapshot" >"$work/next"
	top_does 24x80 -d 0.02 <<-END
		selected event 0
		run mv '$work/next' '$snapshot'
		selected wedge_spin
		type q
		ends 5
	END
}

# A program that is not paused would read the text that is no snapshot, and fail.
top_pauses() {
	busy
	cp "$snapshot" "$work/good"
	sed 's/nvme_poll/later_poll/' "$snapshot" >"$work/next"
	echo nonsense >"$work/nonsense"
	top_does 24x80 -d 0 <<-END
		await nvme_poll
		type \x20
		await PAUSED
		run mv '$work/nonsense' '$snapshot'
		type s
		await by CPU
		type s
		await by task
		type r
		await by task, reversed
		type rss
		await by waiting
		type /nvme\\n
		gone hold_lock
		type j\\n
		await blk_poll
		type /\\n
		await hold_lock
		run mv '$work/next' '$snapshot'
		type p
		gone PAUSED
		await later_poll
		type q
		ends 5
	END
	# p and space do the same.
	cp "$work/good" "$snapshot"
	top_does 24x80 -d 60 <<-'END'
		await nvme_poll
		type p
		await PAUSED
		type \x20
		gone PAUSED
		type q
		ends 5
	END
}

top_changes_its_interval() {
	busy
	top_does 24x80 <<-'END'
		await every 1 s
		type +
		await every 2 s
		type --
		await every 0.5 s
		type --------
		await every 0.1 s
		type ++++++++++++
		await every 60 s
		type q
		ends 5
	END
	run 2 top -d 86401
	err '--delay'
}

top_has_help() {
	busy
	top_does 10x40 -d 3600 <<-'END'
		await h help
		type h
		row 0 keys; arrows scroll, others go back
		row 1   q           quit
		type jjjjjjjjjjj
		row 9   h, ?        list the keys
		type q
		await by waiting
		type q
		ends 5
	END
	top_does 24x80 -d 3600 <<-'END'
		await h help
		type ?
		row 0 keys; any key goes back
		type x
		await by waiting
		type q
		ends 5
	END
}

top_ends_and_restores_the_terminal() {
	busy
	for signal in TERM INT HUP; do
		top_does 24x80 -d 3600 <<-END
			await h help
			signal $signal
			ends 5
		END
	done
	# Ctrl-C, a prompt, help, a pause: wherever the user is.
	for keys in '\x03' '/spin\x03' 'h\x03' ' \x03' 'hqq' 'pq'; do
		top_does 24x80 -d 3600 <<-END
			await h help
			type $keys
			ends 5
		END
	done
	top_does 24x80 -d 0 -n 3 <<-'END'
		ends 5
	END
	grep -v -e '^state: silent' -e '^reason' "$snapshot" | sed 's/^cpu: 5$/&\nstate: idle/' >"$work/next"
	mv "$work/next" "$snapshot"
	top_does 24x80 -n 1 <<-'END'
		ends 0
	END
	# Ctrl-\ does not end it.
	top_does 24x80 -d 3600 <<-'END'
		await h help
		type \x1cs
		await by CPU
		type q
		ends 0
	END
	# The driver is unloaded while it runs.
	top_does 24x80 -d 0.02 <<-END
		await h help
		run rm -r '$root/sys/kernel/sdei_nmi' '$root/sys/module/sdei_nmi' '$snapshot'
		row 21 sdei-nmi: not available: the module is not loaded; run 'modprobe sdei_nmi' as ro
		ends 3
	END
}

# Ctrl-Z stops the program, and the shell gets the terminal as it was. After fg, the display is back.
top_can_be_stopped() {
	busy
	TERM=linux LC_ALL=C.UTF-8 /usr/bin/python3 "$here/terminal.py" 24x160 bash --norc --noprofile -i >"$work/steps" 2>&1 <<-END || fail "$(cat "$work/steps")"
		type PS1=; stty -a >'$work/before'; '$tool' --root '$root' top -d 3600\n
		await h help
		type \x1a
		await Stopped
		type stty -a >'$work/after'; fg\n
		row 0 HH:MM:SS  every 3600 s  by waiting
		type s
		await by CPU
		type q
		type exit\n
		ends 5
	END
	cmp -s "$work/before" "$work/after" || fail "the terminal has other modes while it is stopped: $(diff "$work/before" "$work/after")"
}

top_without_a_terminal() {
	busy
	run 2 top
	err "needs a terminal for its input and its output; use 'sdei-nmi stacks -w 1'."
	for term in '' dumb; do
		on_terminal "TERM=$term '$tool' --root '$root' top -d 3600" && fail "it runs with TERM=$term"
		out "needs a terminal"
	done
	on_terminal "TERM=linux '$tool' --root '$root' top -d 3600 </dev/null" && fail "it runs without keys"
	out "needs a terminal"
	status=0
	timeout 120 script -qec "TERM=no-such-terminal '$tool' --root '$root' top -d 3600" /dev/null >"$work/out" 2>&1 <<-'END' || status=$?
	END
	[ $status = 1 ] || fail "without a description of the terminal it ends with $status: $(cat "$work/out")"
	out "terminfo does not describe the terminal 'no-such-terminal'; set TERM"
	[ "$(wc -l <"$work/out")" = 1 ] || fail "it is not one sentence: $(cat "$work/out")"
}

top_refuses_what_stacks_refuses() {
	server
	run 3 top
	err 'modprobe sdei_nmi'
	[ ! -s "$work/out" ] || fail "the terminal was touched: $(cat "$work/out")"
	serving
	run 2 top -c 4
	err 'CPU 4 is offline'
	run 2 top -c 77
	err 'no CPU 77'
	run 2 top --json
	err "has no JSON; use 'sdei-nmi stacks -w 1 --json'."
	run 0 help top
	no_out '--json'
	run 2 top extra
	run 2 top -n 0
	put sys/kernel/debug/sdei_nmi/stacks 'nonsense'
	run 1 top
	err "can't be understood in line"
}

top_of_chosen_cpus() {
	busy
	top_does 24x80 -d 3600 -c 1,7-8 <<-'END'
		row 1 irqs off 2  silent 0  idle 0  online 3  offline 0
		row 3 + 1          kernel  off     2.00 s spin/1 (167)        wedge_spin [wedge]
		row 5 + 8          kernel  on           - dd (300)            hold_lock
		row 6
		type q
		ends 0
	END
}

top_has_colours_unless_they_are_unwanted() {
	busy
	top_does 24x80 -d 3600 <<-'END'
		colour + 5 red
		colour + 1-2 red
		colour + 7 brown
		colour + 8 default
		type q
		ends 5
	END
	NO_COLOR=1
	export NO_COLOR
	top_does 24x80 -d 3600 <<-'END'
		await + 1-2
		colour + 5 default
		colour + 1-2 default
		colour + 7 default
		selected event 0
		type q
		ends 5
	END
	unset NO_COLOR
}

top_with_hostile_names() {
	busy
	put sys/kernel/debug/sdei_nmi/stacks 'sdei_nmi stacks 1\n\ncpu: 0\nstate: kernel\ntask: a\033[2J\\nb\377\303\244\npid: 1\n'
	top_does 24x80 -d 3600 <<-'END'
		row 3 + 0          kernel  -            - a\x1b[2J\x0ab\xffä
		type q
		ends 0
	END
	# A terminal whose character set is not known gets ASCII.
	# shellcheck disable=SC2034 # top_does reads it
	locale=C
	top_does 24x80 -d 3600 <<-'END'
		row 3 + 0          kernel  -            - a\x1b[2J\x0ab\xff??
		type q
		ends 0
	END
	unset locale
}
