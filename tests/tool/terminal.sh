# SPDX-License-Identifier: GPL-2.0
# How a test looks at what the tool shows on a terminal: the frames of stacks --watch, the screens of top, and completion. Also the names and texts of the
# source that tests compare with those of the tool and the docs. Read by tool.sh, after machine.sh.
# shellcheck shell=sh disable=SC2154

# cpus_in_one_place LAST: the snapshot has the CPUs 0 to LAST, all in one function. CPU 5 waits longest.
cpus_in_one_place() {
	awk -v last="$1" 'BEGIN {
		printf "sdei_nmi stacks 1\nonline: 0-%d\n\n", last
		for (c = 0; c <= last; c++) {
			printf "cpu: %d\nstate: kernel\nby: event\ninterrupts: %s\nwaiting_ns: %s\ntask: spin/%d\n", c, c ? "off" : "on", c == 5 ? "9000000000" : "1000", c
			printf "stack:\n 10%d lock_spin+0x%d/0x90\n", c % 7, c % 7
			for (d = 1; d < 30; d++)
				printf " %x caller_%d_of_the_lock+0x4/0x40\n", 4096 + d, d
			print ""
		}
	}' >"$snapshot"
}

# last_frame: puts the last frame in $work/out into $work/frame, without escape sequences. Each frame begins at the top left.
last_frame() {
	frame_from_end 0
}

# frame_before_last: for a tool that prints the whole result after the last frame.
frame_before_last() {
	frame_from_end 1
}

# frame_from_end NUMBER: counted from the last one, which is 0.
frame_from_end() {
	esc=$(printf '\033')
	tr -d '\r' <"$work/out" | awk -v RS="$esc\\\\[H" -v skip="$1" 'NR > 1 { frame[NR] = $0 } END { if (NR - skip > 1) printf "%s", frame[NR - skip] }' |
		sed "s/$esc\\[[0-9;]*[A-Za-z]//g" >"$work/frame"
}

# shows TEXT: waits until $work/out has TEXT, at most 25 s.
shows() {
	for _ in $(seq 250); do
		! grep -qF -e "$1" "$work/out" || return 0
		sleep 0.1
	done
	return 1
}

# busy: the snapshot has a CPU of each kind. CPUs 1 and 2 spin for long, 5 is silent, 7 has interrupts off for short.
busy() {
	serving
	cat >"$snapshot" <<-'END'
		sdei_nmi stacks 1
		online: 0-3,5-8

		cpu: 0
		state: self
		by: self
		interrupts: on
		task: sdei-nmi
		pid: 200
		stack:
		 ffff800080010000 stacks_open+0x10/0x80 [sdei_nmi]

		cpu: 1
		state: kernel
		by: event
		interrupts: off
		waiting_ns: 2000000000
		task: spin/1
		pid: 167
		stack:
		 ffff80007ab3a600 wedge_spin+0x30/0x60 [wedge]
		 ffff800080030000 kthread+0xec/0xf8

		cpu: 2
		state: kernel
		by: event
		interrupts: off
		waiting_ns: 12400000000
		task: spin/2
		pid: 168
		stack:
		 ffff80007ab3a604 wedge_spin+0x34/0x60 [wedge]
		 ffff800080030000 kthread+0xec/0xf8

		cpu: 3
		state: idle
		by: interrupt
		interrupts: on
		task: swapper/3
		pid: 0
		stack:
		 ffff800080040000 cpu_do_idle+0x8/0x10

		cpu: 4
		state: offline

		cpu: 5
		state: silent
		reason: event 0 was sent and not answered in 1000 ms

		cpu: 6
		state: user
		by: interrupt
		interrupts: on
		task: make
		pid: 900

		cpu: 7
		state: kernel
		by: event
		interrupts: off
		waiting_ns: 3000000
		answered_ns: 20000
		held_ns: 5000
		task: kworker/7:1
		pid: 90
		stack:
		 ffff800080060000 nvme_poll+0x10/0x80 [nvme]
		 ffff800080060100 blk_poll+0x14/0x20
		 ffff800080030000 kthread+0xec/0xf8

		cpu: 8
		state: kernel
		by: event
		interrupts: on
		task: dd
		pid: 300
		stack:
		 ffff800080050000 hold_lock+0x10/0x20
	END
}

# top_does ROWSxCOLUMNS ARGUMENT...: runs top on a terminal of this size, in the locale $locale, with the steps of terminal.py on the
# standard input.
top_does() {
	size=$1
	shift
	TERM=linux LC_ALL=${locale:-C.UTF-8} /usr/bin/python3 "$here/terminal.py" "$size" "$tool" --root "$root" top "$@" >"$work/steps" 2>&1 ||
		fail "$(cat "$work/steps")"
}

# completes WORD...: prints what completion offers for the last word, one a line. As readline does, it splits words at "=".
completes() {
	bash -c '
		. /usr/share/bash-completion/bash_completion
		. "$1"
		set -- "$2" "${@:3}"
		tool=$1
		COMP_LINE=$*
		COMP_POINT=${#COMP_LINE}
		COMP_WORDS=()
		for word; do
			while [[ $word == *=* ]]; do
				[ -z "${word%%=*}" ] || COMP_WORDS+=("${word%%=*}")
				COMP_WORDS+=("=")
				word=${word#*=}
				[ -n "$word" ] || continue 2
			done
			COMP_WORDS+=("$word")
		done
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_sdei_nmi "$tool" 2>/dev/null
		[ ${#COMPREPLY[@]} = 0 ] || printf "%s\n" "${COMPREPLY[@]}"' sh "$top/tool/completion.bash" "$tool" "$@"
}

# in_fish LINE: prints what fish offers for the line, without the explanations.
in_fish() {
	PATH=$work:$PATH fish -N -c "source '$top/tool/completion.fish'; complete --do-complete '$1'" 2>&1 | cut -f 1
}

# in_zsh LINE TEXT...: fails unless zsh lists these texts, in this order, if TAB is typed after the line.
in_zsh() {
	line=$1
	shift
	wanted='*'
	for text; do
		wanted="$wanted$text*"
	done
	mkdir -p "$work/zsh"
	cp "$top/tool/completion.zsh" "$work/zsh/_sdei-nmi"
	LINE=$line WANTED=$wanted HERE=$work TERM=xterm timeout 120 zsh -f -c '
		zmodload zsh/zpty
		zpty -b z zsh -f -i
		zpty -w z "PATH=$HERE:\$PATH; fpath=($HERE/zsh \$fpath); autoload -Uz compinit; compinit -u -D; bindkey ^I list-choices; echo go\"\"on"
		zpty -r -m z seen "*goon*"
		zpty -w -n z "$LINE$(printf "\t")"
		zpty -r -m z seen "$WANTED"' >/dev/null || fail "zsh does not list $* for '$line'"
}

# check_names: prints the names of the checks in validate/.
check_names() {
	sed -n -e 's/.*\.name = "\([a-z0-9_]*\.[a-z0-9_]*\)".*/\1/p' -e 's/.*DELIVERY("\([a-z0-9_]*\)".*/delivery.\1/p' "$top"/validate/*.c | grep -v '\.$'
}

# driver_errors: prints the format of each line by which the driver says that a step failed, or that it does not start.
driver_errors() {
	grep -hE '(pr|fw)_err\("|nothing was changed' "$top"/driver/*.c | sed -n 's/.*"\(.*\)\\n".*/\1/p' | sort -u
}
