# SPDX-License-Identifier: GPL-2.0
# What holds for every subcommand, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

arguments_that_are_none() {
	serving
	for arguments in '' nonsense --nonsense 'status extra' 'status --cpus 1' 'stacks --cpus' 'ping -n 0' 'ping -n -1' 'ping -n 1x' 'ping -n 99999999999999999999' \
		'ping -n 1000001' 'ping -i -1' 'ping -i nan' 'trigger x' 'report x' 'metrics x' 'ping x' 'stacks x' '--root= status' 'metrics --folded' \
		'stacks -w' 'top x' 'top --json' 'top -d' 'top -n 0' 'watch x' 'watch --over' 'ping -i 3601' diff 'diff x' 'diff x y z' 'help x' 'help ping x'; do
		# shellcheck disable=SC2086
		run 2 $arguments
		[ ! -s "$work/out" ] || fail "'$arguments' goes to the standard output"
	done
	run 2 ''
	for name in check status stacks top watch ping trigger report metrics validate 'diff a b' 'help ping'; do
		# shellcheck disable=SC2086 # with its arguments
		run 2 $name extra
		err "there is an argument too many, 'extra'"
	done
	run 2 stacks 1.json
	err "there is an argument too many, '1.json'" 'use --file'
	run 2 ping -n ''
	# Before the subcommand or behind it.
	run 0 --json status
	valid status
	run 0 -j stacks
	valid stacks
}

arguments_with_escape_sequences_are_made_safe() {
	serving
	for c in "$(printf '\033')" "$(printf '\302\233')" "$(printf '\233')" "$(printf '\342\200\256')"; do
		for words in "2 --x${c}2J" "2 -$c" "2 x${c}2J" "2 ping --c=${c}2J" "2 ping --interval=${c}2J" "1 metrics -o /nowhere/${c}2J/x" \
			"1 report --output=/proc/${c}2J"; do
			# shellcheck disable=SC2086
			run $words
			! LC_ALL=C grep -q '[^ -~]' "$work/err" || fail "'$words' prints what is not printable: $(cat -v "$work/err")"
			[ ! -s "$work/out" ] || fail "'$words' goes to the standard output"
		done
	done
	run 1 metrics -o "/nowhere/$(printf '\302\233')/x"
	err '/nowhere/\xc2\x9b/x'
}

lists_of_cpus_that_are_none() {
	serving
	for subcommand in stacks top ping; do
		for list in '' ',' '1,' ',1' - 1- -1 2-1 1--2 all 0x1 1:2 0-4294967295999 99999999999999999999 8192 '1 2' "$(printf 'a\033[2J')"; do
			run 2 $subcommand "--cpus=$list"
			err 'the list of CPUs'
			! grep -q "$(printf '\033')" "$work/err" || fail "an escape sequence got through"
		done
		run 2 $subcommand -c 4
		err 'CPU 4 is offline'
		run 2 $subcommand -c 0-8191
		run 2 $subcommand -c 77
		err 'no CPU 77'
	done
}

output_that_does_not_arrive_is_a_failure() {
	serving
	put proc/sysrq-trigger ''
	for arguments in status stacks 'stacks --folded' 'stacks --json' 'stacks -w 0 -n 3' watch 'watch --folded' 'watch --json' 'ping -n 1' trigger report metrics 'metrics --json' --help \
		'stacks --help' --version --usage; do
		# shellcheck disable=SC2086
		{
			status=0
			timeout 120 "$tool" --root "$root" $arguments >/dev/full 2>"$work/err" || status=$?
			[ $status = 1 ] || fail "'$arguments' to a full disk ends with $status"
			grep -q '^sdei-nmi: the output could not be written: No space left' "$work/err" || fail "'$arguments' does not say that the disk is full"
			status=0
			timeout 120 "$tool" --root "$root" $arguments >&- 2>"$work/err" || status=$?
			[ $status = 1 ] || fail "'$arguments' to a closed output ends with $status: $(cat "$work/err")"
		}
	done
	# Nobody reads any more.
	(
		status=0
		timeout 120 "$tool" --root "$root" stacks -w 0 -n 100000 2>"$work/err" || status=$?
		echo $status >"$work/status"
	) | head -n 1 >/dev/null
	[ "$(cat "$work/status")" = 1 ] || fail "a broken pipe ends with $(cat "$work/status")"
	grep -q 'Broken pipe' "$work/err" || fail "a broken pipe is not named: $(cat "$work/err")"
	# All three are closed.
	status=0
	timeout 120 "$tool" --root "$root" stacks <&- >&- 2>&- || status=$?
	[ $status = 1 ] || fail "with all closed it ends with $status"
}

colours_come_on_a_terminal_only() {
	serving
	esc=$(printf '\033')
	run 0 stacks
	no_out "$esc"
	on_terminal "TERM=xterm '$tool' --root '$root' stacks" || fail "it fails on a terminal"
	out "${esc}[1m"
	on_terminal "TERM=xterm NO_COLOR=1 '$tool' --root '$root' stacks" || fail "it fails on a terminal"
	no_out "$esc"
	on_terminal "TERM=xterm NO_COLOR= '$tool' --root '$root' status" || fail "it fails on a terminal"
	out "${esc}[1;32m"
	on_terminal "TERM=dumb '$tool' --root '$root' status" || fail "it fails on a terminal"
	no_out "$esc"
	on_terminal "TERM=xterm '$tool' --root '$root' --json status" || fail "it fails on a terminal"
	no_out "$esc"
	on_terminal "TERM=xterm '$tool' --root '$root' ping -n 30 >/dev/null" || fail "it fails on a terminal"
	out 'round '
}

what_is_not_there_has_a_remedy() {
	server
	for subcommand in stacks top watch ping; do
		run 3 $subcommand
		err 'modprobe sdei_nmi'
		[ ! -s "$work/out" ] || fail "$subcommand says something on its standard output"
	done
	serving
	rm -r "$root/sys/kernel/debug"
	put proc/mounts 'sysfs /sys sysfs rw 0 0\n'
	run 3 stacks
	err 'mount -t debugfs none /sys/kernel/debug'
	run 3 top
	err 'mount -t debugfs none /sys/kernel/debug'
	run 3 watch
	err 'mount -t debugfs none /sys/kernel/debug'
	run 3 ping
	err 'mount -t debugfs none /sys/kernel/debug'
	put proc/mounts 'debugfs /sys/kernel/debug debugfs rw 0 0\n'
	run 3 stacks
	err 'newer module'
	run 3 top
	err 'newer module'
	run 3 watch
	err 'newer module'
	rm -rf "$root"
	mkdir "$root"
	run 3 status
	run 3 stacks
	run 3 top
	run 3 watch
	run 3 ping
}

who_may_not_is_told_to_be_root() {
	serving
	put proc/sysrq-trigger ''
	chmod 755 "$root"
	chmod 0 "$root/sys/kernel/debug/sdei_nmi/stacks" "$irqs_off" "$root/sys/kernel/debug/sdei_nmi/ping/1" "$root/proc/sysrq-trigger" "$root/dev/kmsg"
	for arguments in stacks top watch 'ping -n 1' trigger 'trigger --print'; do
		status=0
		# shellcheck disable=SC2086
		as_nobody "$tool" --root "$root" $arguments >"$work/out" 2>"$work/err" || status=$?
		[ $status = 4 ] || fail "'$arguments' ends with $status: $(cat "$work/err")"
		[ "$(grep -c 'no permission.*root\|Permission denied.*root' "$work/err")" = 1 ] && [ "$(wc -l <"$work/err")" = 1 ] ||
			fail "'$arguments' does not name root in one sentence: $(cat "$work/err")"
	done
	for subcommand in status report metrics; do
		as_nobody "$tool" --root "$root" $subcommand >"$work/out" 2>"$work/err" || fail "$subcommand needs root: $(cat "$work/err")"
	done
}

# A file keeps its mode and owner, and a link its target, when its content is replaced.
output_keeps_what_the_file_was() {
	serving
	rm -rf "$work/o"
	mkdir -p "$work/o/real"
	for subcommand in metrics report; do
		rm -rf "$work/o/real/file"
		echo old >"$work/o/real/file"
		chmod 640 "$work/o/real/file"
		[ "$(id -u)" != 0 ] || chown 12:34 "$work/o/real/file"
		was=$(stat -c '%a %u:%g' "$work/o/real/file")
		ln -sf real/file "$work/o/one"
		ln -sf "$work/o/one" "$work/o/two"
		run 0 $subcommand -o "$work/o/two"
		[ -L "$work/o/one" ] && [ -L "$work/o/two" ] || fail "$subcommand replaced a link"
		grep -q sdei_nmi "$work/o/real/file" || fail "$subcommand did not write the target of the link"
		[ "$(stat -c '%a %u:%g' "$work/o/real/file")" = "$was" ] || fail "$subcommand changed $was to $(stat -c '%a %u:%g' "$work/o/real/file")"
		# The target need not exist.
		rm "$work/o/real/file"
		run 0 $subcommand -o "$work/o/one"
		[ -L "$work/o/one" ] && grep -q sdei_nmi "$work/o/real/file" || fail "$subcommand did not write through a link to nothing"
		[ "$(ls -A "$work/o/real")" = file ] || fail "there is more than the file: $(ls -A "$work/o/real")"
	done
	(umask 027 && run 0 report -o "$work/o/new") || exit 1
	[ "$(stat -c %a "$work/o/new")" = 640 ] || fail "a new report does not follow the umask: $(stat -c %a "$work/o/new")"
	ln -s loop "$work/o/loop"
	run 1 metrics -o "$work/o/loop"
	err 'Too many levels of symbolic links'
	# Another user's link in a folder like /tmp is not followed.
	[ "$(id -u)" = 0 ] || return 0
	mkdir -m 1777 "$work/o/tmp"
	ln -s ../real/file "$work/o/tmp/link"
	chown -h 12:34 "$work/o/tmp/link"
	echo kept >"$work/o/real/file"
	run 4 metrics -o "$work/o/tmp/link"
	err 'another user made it'
	[ "$(cat "$work/o/real/file")" = kept ] || fail "another user's link was followed"
	# The owner can't be kept.
	chown 12:34 "$work/o/real/file"
	chmod 777 "$work/o" "$work/o/real"
	status=0
	as_nobody "$tool" --root "$root" metrics -o "$work/o/real/file" 2>"$work/err" || status=$?
	[ $status = 4 ] || fail "a file of another user gets $status: $(cat "$work/err")"
	err 'would not keep its owner'
	[ "$(cat "$work/o/real/file")" = kept ] && [ "$(ls -A "$work/o/real")" = file ] || fail "the file changed, or a temporary file is left"
}

# A signal that kills the tool leaves no temporary file.
output_goes_with_the_program() {
	serving
	rm -rf "$work/o"
	mkdir "$work/o" "$work/slow"
	echo kept >"$work/o/file"
	printf junk >"$root/proc/config.gz"
	printf '#!/bin/sh\necho $$ >"%s/pid"\nexec sleep 60\n' "$work/slow" >"$work/slow/gzip"
	chmod 755 "$work/slow/gzip"
	# A shell without job control has its background programs ignore SIGINT.
	for signal in TERM HUP; do
		rm -f "$work/slow/pid"
		PATH=$work/slow:$PATH timeout --foreground 120 "$tool" --root "$root" report -o "$work/o/file" 2>"$work/err" &
		for _ in $(seq 600); do
			[ ! -s "$work/slow/pid" ] || break
			sleep 0.1
		done
		[ -e "$(echo "$work"/o/.sdei-nmi.*)" ] || fail "there is no temporary file that could be left behind"
		kill -$signal $!
		! wait $! || fail "SIG$signal does not end the tool"
		kill "$(cat "$work/slow/pid")" || true
		[ "$(ls -A "$work/o")" = file ] && [ "$(cat "$work/o/file")" = kept ] || fail "SIG$signal leaves $(ls -A "$work/o")"
	done
}

output_is_no_folder() {
	serving
	for subcommand in 'stacks -w 0' metrics report; do
		# shellcheck disable=SC2086 # a subcommand with its options
		run 2 $subcommand -o "$work/new/"
		err "the path of the output, $work/new/, ends like that of a folder; give -o the path of a file."
	done
}

# Links of a copied machine lead to files of the copy, and never to files of this host.
links_stay_in_the_copy() {
	serving
	put sys/firmware/devicetree/base/model 'model of the copy\0'
	mkdir -p "$work/host"
	printf 'model of the host\0' >"$work/host/model"
	rm -rf "$root/proc/device-tree"
	ln -s /sys/firmware/devicetree/base "$root/proc/device-tree"
	run 0 report
	out 'model of the copy'
	for target in "$work/host" "../../../../../../../../..$work/host"; do
		ln -sfn "$target" "$root/proc/device-tree"
		run 0 report
		no_out 'model of the host'
	done
}

many_at_once_do_not_meet() {
	serving
	rm -rf "$work/prom"
	mkdir "$work/prom"
	for n in 1 2 3 4 5 6 7 8; do
		(
			for again in 1 2 3 4 5; do
				"$tool" --root "$root" metrics -o "$work/prom/sdei.prom" && "$tool" --root "$root" ping -n 2 -i 0 >/dev/null &&
					tail -n 1 "$work/prom/sdei.prom" | grep -q irqs_off_seconds_count || echo "$n $again" >>"$work/at-once"
			done
		) 2>>"$work/at-once" &
	done
	wait
	[ ! -s "$work/at-once" ] || fail "some of 8 at once failed: $(head -n 3 "$work/at-once")"
	[ "$(ls -A "$work/prom")" = sdei.prom ] || fail "there is more than the file: $(ls -A "$work/prom")"
}

help_man_page_and_completion_agree() {
	rm -rf "$root"
	mkdir "$root"
	run 0 --help
	out 'Exit status:' '  5  a CPU did not answer' '  6  validate: not reliable'
	names=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out")
	[ "$(echo "$names" | wc -l)" = 12 ] || fail "the help does not name 12 subcommands"
	for name in $names; do
		grep -q "^\.Ss $name\$" "$top/tool/man/sdei-nmi.8" || fail "the man page has no section on $name"
		run 0 "$name" --help
		out 'Exit status:' '  3  not available here'
		# help and top print no JSON.
		case $name in
		help | top) [ ! -e "$top/tool/schema/$name.json" ] || fail "$name has a schema" ;;
		*) [ -e "$top/tool/schema/$name.json" ] || fail "$name has no schema" ;;
		esac
		completes "$name" -- >"$work/completed"
		for option in $(grep -oE -- '--[a-z][a-z-]*' "$work/out" | sort -u); do
			case $option in
			--usage) ;;
			*) grep -qE -- "[ -]-?${option#--}( |\$)" "$top/tool/man/sdei-nmi.8" || fail "the man page does not name $name $option" ;;
			esac
			grep -qx -e "$option=\{0,1\}" "$work/completed" || fail "completion does not know $name $option: $(cat "$work/completed")"
		done
	done
	completes '' | sort >"$work/completed"
	echo "$names" | sort | cmp -s - "$work/completed" || fail "completion offers $(cat "$work/completed")"
}

help_is_also_an_option_and_a_subcommand() {
	rm -rf "$root"
	mkdir "$root"
	for name in check status stacks diff top watch ping trigger report metrics validate; do
		"$tool" $name --help >"$work/help"
		run 0 $name -h
		cmp -s "$work/help" "$work/out" || fail "$name -h is not $name --help"
		run 0 help $name
		cmp -s "$work/help" "$work/out" || fail "help $name is not $name --help"
	done
	"$tool" --help >"$work/help"
	for arguments in -h help 'help help' '--json help'; do
		# shellcheck disable=SC2086
		run 0 $arguments
		cmp -s "$work/help" "$work/out" || fail "$arguments is not --help"
	done
	run 2 help nonsense
	err "no subcommand 'nonsense'"
	run 2 help ping stacks
}

completion_knows_folders_files_and_checks() {
	rm -rf "$work/c"
	mkdir -p "$work/c/a folder" "$work/c/another"
	touch "$work/c/a file.json" "$work/c/a note.txt" "$work/c/report.md"
	for before in '' status; do
		# shellcheck disable=SC2086
		completes $before "--root=$work/c/" | sort >"$work/completed"
		printf '%s\n' "$work/c/a folder" "$work/c/another" | cmp -s - "$work/completed" || fail "--root= offers $(cat "$work/completed")"
		# shellcheck disable=SC2086
		completes $before --root "$work/c/an" >"$work/completed"
		[ "$(cat "$work/completed")" = "$work/c/another" ] || fail "--root offers $(cat "$work/completed")"
	done
	for name in stacks diff; do
		completes $name "--lines=$work/c/" | sort >"$work/completed"
		printf '%s\n' "$work/c/a folder" "$work/c/another" | cmp -s - "$work/completed" || fail "$name --lines= offers $(cat "$work/completed")"
		completes $name --lines -- >"$work/completed"
		grep -qx -e --json "$work/completed" || fail "$name --lines takes the next word: $(cat "$work/completed")"
	done
	# The value of --root is no subcommand.
	completes --root status '' | grep -qx ping || fail "--root status is taken for a subcommand"
	completes validate -o "$work/c/" | sort >"$work/completed"
	printf '%s\n' "$work/c/a file.json" "$work/c/a folder" "$work/c/another" "$work/c/report.md" | cmp -s - "$work/completed" ||
		fail "validate -o offers $(cat "$work/completed")"
	completes metrics "--output=$work/c/r" >"$work/completed"
	[ "$(cat "$work/completed")" = "$work/c/report.md" ] || fail "--output= offers $(cat "$work/completed")"
	{ check_names && check_names | sed 's/\..*//'; } | sort -u >"$work/checks"
	completes validate --check= | sort >"$work/completed"
	cmp -s "$work/checks" "$work/completed" || fail "--check= does not offer the checks of validate/: $(diff "$work/checks" "$work/completed")"
	completes validate --check first_signal.o >"$work/completed"
	[ "$(cat "$work/completed")" = first_signal.once ] || fail "--check offers $(cat "$work/completed")"
	[ "$(completes help st | paste -sd ' ')" = 'status stacks' ] || fail "help offers $(completes help st)"
}

# In a shell, with the tab key.
completion_quotes_blanks() {
	rm -rf "$work/c"
	mkdir -p "$work/c/a folder"
	touch "$work/c/a note.txt"
	{
		sleep 1
		# shellcheck disable=SC2016 # the shell in the terminal expands it
		printf '%s\n' "PS1=; PATH=$work:\$PATH; . /usr/share/bash-completion/bash_completion; . '$top/tool/completion.bash'" 'sdei-nmi() { printf "<%s>" "$@"; }'
		sleep 1
		printf 'sdei-nmi --root=%s/c/a\t status\nsdei-nmi metrics -o %s/c/a\\ n\t\nexit\n' "$work" "$work"
		sleep 1
	} | timeout 120 script -qec 'bash --norc --noprofile -i' /dev/null >"$work/out" 2>&1
	grep -qE "<--root=$work/c/a folder/?><status>" "$work/out" && grep -q "<metrics><-o><$work/c/a note.txt>" "$work/out" || fail "the completed command has other words: $(cat -v "$work/out")"
}

intervals_may_have_a_unit() {
	serving
	for time in .01 10ms 0.01s .01s 0 0s 0ms; do
		run 0 stacks -w $time -n 2
		run 0 ping -n 2 -i $time
	done
	for time in ms s . .s 1m 1us '1 s' 1sms 86401s 86400001ms; do
		run 2 stacks -w "$time" -n 1
		err 'such as 2, .5, 1s or 10ms'
	done
	run 0 stacks -w 86400000ms -n 1
}

cpus_of_repeated_options_add_up() {
	serving
	run 0 stacks -c 1 -c 3,1 --cpus=2 --json
	json '[c["cpu"] for c in d["cpus"]] == [1, 2, 3]'
	run 0 ping -c 0 -c 2-3 -n 1 --json
	json '[c["cpu"] for c in d["cpus"]] == [0, 2, 3]'
	run 2 ping -c 0 -c 77
	err 'no CPU 77'
}

# Names of checks, counters, files, parameters and metrics in the man pages are names of the tree.
names_in_the_man_pages_exist() {
	check_names >"$work/names"
	for page in "$top"/tool/man/*; do
		# Examples name files of their own, and so does the kernel. Sysctls are the kernel's, architecture features Arm's.
		grep -v '^\.\(\\"\|Dt\)' "$page" | grep -oE '[A-Za-z0-9]+([_.][A-Za-z0-9]+)+' | grep -vE '^[0-9.]+$|\.(html|svg|pl|gz)$|^FEAT_|^kernel\.|^sdei_nmi\.enable$' | sort -u |
			while read -r name; do
				case $name in
				*.json | *.prom) ;;
				*.*)
					grep -qx -e "$name" "$work/names" || echo "$name"
					continue
					;;
				esac
				grep -rqwF -e "$name" "$top/driver" "$top/validate" "$top/tool" "$top/packaging/debian" \
					--include='*.[ch]' --include='*.service' || echo "$name"
			done >"$work/unknown"
		[ ! -s "$work/unknown" ] || fail "${page##*/} names what is not in the tree: $(paste -sd ' ' "$work/unknown")"
		# Parameters of the modules: ".It Cm NAME", ".Op Cm NAME Ns =", ".Cm NAME=VALUE" and sdei_nmi.NAME=VALUE.
		sed -n -e '/^\.Sh PARAMETERS/,/^\.Sh FILES/s/^\.It Cm //p' -e 's/^\.Op Cm \([a-z_]*\) Ns =.*/\1/p' -e 's/^\.Cm \([a-z_]*\)=.*/\1/p' \
			-e 's/.*sdei_nmi\.\([a-z_]*\)=.*/\1/p' "$page" | sort -u |
			while read -r name; do
				grep -rqE "module_param(_cb)?\($name," "$top/driver" "$top/validate" || echo "$name"
			done >"$work/unknown"
		[ ! -s "$work/unknown" ] || fail "${page##*/} names parameters that no module has: $(paste -sd ' ' "$work/unknown")"
		# Files of the driver: "PATH , NAME , NAME" are files of one folder.
		sed -n 's,^\.It Pa \(/sys/kernel/.*\),\1,p' "$page" | tr -d ' ' | awk -F , '{
			folder = $1
			sub(/[^\/]*$/, "", folder)
			print $1
			for (i = 2; i <= NF; i++)
				print $i ~ /^\// ? $i : folder $i
		}' | while read -r path; do
			cat "$top"/docs/abi/* | grep '^What:' | grep -qE "[[:space:]]$path" || echo "$path"
		done >"$work/unknown"
		[ ! -s "$work/unknown" ] || fail "${page##*/} names files that docs/abi lacks: $(paste -sd ' ' "$work/unknown")"
	done
}

# The table, the contract and the tool: a counter that one of them lacks.
counters_are_those_of_the_contract() {
	serving
	cat "$top"/docs/abi/* | sed -n 's,^What:.*/counters/\(.\),\1,p' | sort >"$work/contract"
	run 0 metrics --json
	python3 -c 'import json, sys; print("\n".join(sorted(json.load(open(sys.argv[1]))["counters"])))' "$work/out" >"$work/known"
	cmp -s "$work/contract" "$work/known" || fail "they differ: $(diff "$work/contract" "$work/known")"
}

completion_in_fish() {
	"$tool" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | sort >"$work/names"
	in_fish 'sdei-nmi ' | sort | cmp -s - "$work/names" || fail "fish offers $(in_fish 'sdei-nmi ')"
	[ "$(in_fish 'sdei-nmi --root / -j st' | paste -sd ' ')" = 'stacks status' ] || fail "fish offers $(in_fish 'sdei-nmi --root / -j st')"
	[ "$(in_fish 'sdei-nmi help tr')" = trigger ] || fail "fish offers $(in_fish 'sdei-nmi help tr')"
	[ "$(in_fish 'sdei-nmi stacks --fol')" = --folded ] || fail "fish offers $(in_fish 'sdei-nmi stacks --fol')"
	[ "$(in_fish 'sdei-nmi stacks --lines=/us')" = --lines=/usr/ ] || fail "fish offers $(in_fish 'sdei-nmi stacks --lines=/us')"
	[ "$(in_fish 'sdei-nmi stacks --li' | head -n 1)" = --lines ] || fail "fish offers $(in_fish 'sdei-nmi stacks --li')"
	for line in 'report --output' 'stacks --file' 'stacks -F' diff 'diff --lines' 'diff old.json'; do
		[ "$(in_fish "sdei-nmi $line /us")" = /usr/ ] || fail "fish offers $(in_fish "sdei-nmi $line /us") for $line"
	done
	[ "$(in_fish 'sdei-nmi stacks --file=/us')" = --file=/usr/ ] || fail "fish offers $(in_fish 'sdei-nmi stacks --file=/us')"
	for line in '' status stacks 'ping --file' 'help diff'; do
		[ -z "$(in_fish "sdei-nmi $line /us")" ] || fail "fish offers $(in_fish "sdei-nmi $line /us") for '$line'"
	done
}

completion_in_zsh() {
	in_zsh 'sdei-nmi st' 'stacks  -- Show the stacks of all CPUs' 'status  -- Show whether the driver is running'
	in_zsh 'sdei-nmi help t' 'trigger'
	in_zsh 'sdei-nmi stacks --' '--all ' '--cpus ' '--folded ' '--lines '
}
