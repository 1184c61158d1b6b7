#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# select.sh: tests which tests make test chooses by TESTS, and prints KTAP version 1. Each function is a test, which fails if it prints
# anything; a function whose name begins with an underscore is a helper.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
. "$top/tests/lib/ktap.sh"

# _make ARGUMENT...: runs make without the options of the make that started this test.
_make() {
	env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u TESTS make -s -C "$top" "$@" >"$work/out" 2>&1
}

# _rows PATTERN: prints the rows that PATTERN chooses.
_rows() {
	sh "$top/tests/run.sh" -n -- "$1" 2>&1
}

# make drops a blank at the start, so it would run more tests than those that were asked for.
blank_at_the_start_is_refused() {
	for blank in ' ' '	' '  '; do
		! _make regex "TESTS=${blank}stock" || echo "TESTS='${blank}stock' is accepted"
		grep -q "^sdei-nmi: make drops the blank at the start of TESTS; write it as '\[ \]'\.\$" "$work/out" || cat "$work/out"
	done
}

blanks_elsewhere_are_fine() {
	for pattern in stock '[ ]stock' 'tool/live stacks stock' 'stock ' '' -all; do
		_make regex "TESTS=$pattern" || { echo "TESTS='$pattern' is refused:" && cat "$work/out"; }
	done
	_make regex || cat "$work/out"
}

pattern_may_begin_with_a_blank_or_a_hyphen() {
	[ "$(_rows ' stacks stock$' | wc -l)" = 2 ] || _rows ' stacks stock$'
	_rows '[ ]stacks stock$' >"$work/out"
	_rows ' stacks stock$' | cmp -s - "$work/out" || echo "'[ ]' is no blank"
	[ "$(_rows '-plain$')" = 'driver/callers panic_plain panic-plain' ] || _rows '-plain$'
	_rows ' no-such-test' | grep -qF "no row of the suite tests matches ' no-such-test'" || _rows ' no-such-test'
}

# The two recipes pass TESTS to run.sh, behind the check.
recipes_pass_the_pattern() {
	for target in test test-all; do
		_make -n "$target" 'TESTS=a b$$' || cat "$work/out"
		grep -q "^sh tests/run.sh .*-- 'a b\$\$'\$" "$work/out" || { echo "$target does not pass TESTS:" && tail -n 2 "$work/out"; }
		grep -q '/proc/.*/cmdline' "$work/out" || echo "$target does not look for a blank"
	done
}

# _silent FUNCTION: succeeds if the function prints nothing.
_silent() {
	"$1" >"$work/wrong" 2>&1 || true
	cat "$work/wrong"
	[ ! -s "$work/wrong" ]
}

# shellcheck disable=SC2046 # a list of names
set -- $(sed -n 's/^\([a-z][a-z_]*\)() {$/\1/p' "$0")
ktap_begin $#
for name; do
	ktap_check "$name" _silent "$name"
done
exit $ktap_failed
