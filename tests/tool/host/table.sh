# SPDX-License-Identifier: GPL-2.0
# The tables of sdei-nmi and the options that change them, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

table_has_the_columns_that_were_asked_for() {
	taking 2500 9000 110000 20000000
	ping_rows --columns=max,cpu >"$work/rows"
	printf '%s\n' '    max  CPU' '2.50 us    0' '9.00 us    1' ' 110 us    2' '20.0 ms    3' | cmp -s - "$work/rows" || fail "it prints $(cat "$work/rows")"
	ping_rows --noheadings --columns=Answered --columns=CPU,floor >"$work/rows"
	printf '%s\n' '  0  300 ns' '  1  300 ns' '  2  300 ns' '  3  300 ns' '' | cmp -s - "$work/rows" || fail "it prints $(cat "$work/rows")"
}

# Numbers are sorted by their value, not by their text, and what is missing is the smallest.
table_is_sorted() {
	taking 20000000 9000 110000 2500
	reply 1 'result: held-off\nreason: deep idle\n'
	for sort in 'max 1320' '-max 0231' 'cpu 0123' '-cpu 3210' 'answered 1023' 'floor 1023'; do
		ping_rows --columns=cpu --noheadings "--sort=${sort% *}" >"$work/rows"
		[ "$(head -n 4 "$work/rows" | tr -d ' \n')" = "${sort#* }" ] || fail "--sort=${sort% *} prints $(cat "$work/rows")"
	done
	run 0 watch --sort=task --columns=site,count
	sed -n 3,5p "$work/out" >"$work/rows"
	printf '%s\n' 'site                count' 'slow_poll [nvme]        2' 'wedge_spin [wedge]      3' | cmp -s - "$work/rows" || fail "it prints $(cat "$work/out")"
}

table_refuses_other_columns() {
	serving
	for arguments in ping watch 'validate --list'; do
		for list in '' ',' 'cpu,' nonsense 'cpu,,max' ' cpu' "$(printf 'a\033[2J')"; do
			# shellcheck disable=SC2086
			run 2 $arguments "--columns=$list"
			err 'the table has no column' 'its columns are '
			! grep -q "$(printf '\033')" "$work/err" || fail "an escape sequence got through"
		done
	done
	err "no column 'a\\x1b[2J'; its columns are check, grade, destructive, seconds, section."
	run 2 ping --columns=cpu,max,CPU
	err "the column 'CPU' twice"
	for column in '' - --cpu site; do
		run 2 ping "--sort=$column"
		err 'its columns are CPU, answered, min, median, p99, max, floor.'
	done
	for option in --columns=cpu --sort=cpu --noheadings; do
		for json in "--json ping $option" "ping $option -j" "watch $option --json"; do
			# shellcheck disable=SC2086
			run 2 $json
			err "${option%=*} changes a table, so it can't be combined with --json"
			[ ! -s "$work/out" ] || fail "$json prints something"
		done
	done
}

table_is_cut_on_a_terminal_only() {
	serving
	on_terminal "stty cols 50; TERM=dumb '$tool' --root '$root' watch"
	tr -d '\r' <"$work/out" >"$work/lines"
	awk 'NR >= 3 && NR <= 5 && length > 50 { exit 1 }' "$work/lines" || fail "a row is longer than 50 columns: $(cat "$work/lines")"
	out ' 1.20 s   400 ms    2  ' 14.0\ ms
	no_out 'wedge_spin [wedge]' kworker/3:1
	COLUMNS=50 run 0 watch
	out 'wedge_spin [wedge]' kworker/3:1
}

# libsmartcols 2.38 loops forever on such a name, unless it encodes it.
table_with_names_that_the_locale_lacks() {
	serving
	sed -i 's/^task: spin.2/task: gr\xc3\xb6\xc3\x9fe\\b/' "$irqs_off"
	LC_ALL=C run 0 watch --columns=task
	out 'gr\xc3\xb6\xc3\x9fe\\b'
	LC_ALL=C.UTF-8 run 0 watch --columns=task,worst
	grep -q "^$(printf 'gr\303\266\303\237e')" "$work/out" || fail "a name in UTF-8 is changed: $(cat "$work/out")"
	sed -i "s/^task: gr.*/task: a$(printf '\033')b/" "$irqs_off"
	for locale in C C.UTF-8; do
		LC_ALL=$locale run 0 watch --columns=task
		out 'a\x1bb'
	done
}

table_columns_are_completed() {
	[ "$(completes ping --columns= | paste -sd ' ')" = 'CPU answered min median p99 max floor' ] || fail "bash offers $(completes ping --columns=)"
	[ "$(completes watch --columns site,wo)" = site,worst ] || fail "bash offers $(completes watch --columns site,wo)"
	[ "$(completes ping --sort=-m | paste -sd ' ')" = '-min -median -max' ] || fail "bash offers $(completes ping --sort=-m)"
	[ "$(in_fish 'sdei-nmi watch --sort wo')" = worst ] || fail "fish offers $(in_fish 'sdei-nmi watch --sort wo')"
	[ "$(in_fish 'sdei-nmi validate --columns check,s' | paste -sd ' ')" = 'check,seconds check,section' ] ||
		fail "fish offers $(in_fish 'sdei-nmi validate --columns check,s')"
	in_zsh 'sdei-nmi ping --columns=cpu,m' max median min
	in_zsh 'sdei-nmi watch --sort ' count site
}
