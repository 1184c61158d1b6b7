#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the rows of a test suite as jobs, in one lane per host CPU, at most four. Fails if any test fails.
#
# A suite is a script that defines these functions:
#	chosen		prints a line for each row that the options choose; the first word is the row's name
#	run_jobs NAME...	runs "job NAME" for these rows through in_lanes (default: all of them together)
#	list		prints the output of run.sh -n (default: the chosen rows)
#	job NAME	runs one row and writes its summary, see tests/lib/lanes.sh
#	prepare		runs before the first job and builds what the jobs share (default: nothing)
#	write_page NAME...	writes the results of these rows to docs/results/, if the suite has a page there
set -eu
. "$(dirname "$0")/../lab/lib.sh"
. "$top/tests/lib/lanes.sh"

usage='usage: run.sh [-a] [-n|-r|-w] [-c COUNT] [-k KERNEL] [-s SUITE] [PATTERN]
  -a         include the rows of the set "long"
  -n         print the chosen rows and run nothing
  -w         run all rows and write their results to docs/results/
  -r         run nothing; write the results of earlier runs to docs/results/
  -c COUNT   runs of each row (suite kdump; default: 1)
  -k KERNEL  only rows of this kernel, a name of kernels.list
  -s SUITE   tests (default): tests/table and tests/host/table; kdump: tests/kdump/table; validate: firmware by firmware
  PATTERN    an extended regular expression. The suite tests matches it against "FILE FUNCTION MACHINE", "host NAME" and
             "kdump NAME"; the other suites match it against the name of a row'
long=no names_only=no report_only=no write=no count=1 kernel='' suite=tests
while getopts anrwc:k:s: option; do
	case $option in
	a) long=yes ;;
	n) names_only=yes ;;
	r) report_only=yes write=yes long=yes ;;
	w) write=yes long=yes ;;
	c) count=$OPTARG ;;
	k) kernel=$OPTARG ;;
	s) suite=$OPTARG ;;
	*) die "$usage" ;;
	esac
done
shift $((OPTIND - 1))
pattern=${1:-}
[ -z "$kernel" ] || grep -q "^${kernel}[[:space:]]" "$top/kernels.list" || die "there is no kernel '$kernel' in kernels.list."
case $count in
'' | *[!0-9]* | 0) die "-c takes a number of runs, not '$count'." ;;
esac
[ "$count" = 1 ] || [ "$suite" = kdump ] || die "only the suite kdump takes -c."

# On a slow host a CPU stays wedged for longer. These timeouts keep the kernel from reporting stalls and lockups for that reason alone.
patience='rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60'

prepare() {
	:
}

# lane_count: one lane per host CPU, at most four.
lane_count() {
	nproc | awk '{ print $1 < 4 ? $1 : 4 }'
}

run_jobs() {
	in_lanes "$(lane_count)" "$@"
}

list() {
	echo "$rows"
}

case $suite in
tests) . "$top/tests/suite.sh" ;;
kdump | validate) . "$top/tests/$suite/suite.sh" ;;
*) die "there is no suite '$suite': tests, kdump and validate." ;;
esac
page=docs/results/$suite.md
[ $write = no ] || [ "$suite" != tests ] || die "the suite tests has no page in docs/results/; leave out -w and -r."
[ $write = no ] || [ -z "$pattern$kernel" ] || die "$page needs the results of all rows; leave out -k and the pattern, or -w."

# longest: prints the five jobs that took longest, with their seconds.
longest() {
	for name in $names; do
		[ ! -s "$jobs/$name/done" ] || echo "$name $(cat "$jobs/$name/done")"
	done | sort -k 2nr | awk 'NR <= 5 { printf "%s%s %d s", (NR > 1 ? ", " : ""), $1, $2 }'
}

main() {
	rows=$(chosen)
	[ -n "$rows" ] || die "no row of the suite $suite matches '$pattern'${kernel:+ on kernel '$kernel'}$([ $long = yes ] || echo " (rows of the set long need -a)"); run.sh -n prints the rows."
	[ $names_only = no ] || {
		list
		return
	}
	names=$(echo "$rows" | cut -d ' ' -f 1)
	alone
	[ $report_only = no ] || {
		# shellcheck disable=SC2086 # a list of names
		write_page $names
		return
	}
	started=$(date +%s)
	rm -rf "$jobs"
	mkdir -p "$jobs"
	prepare >&2
	# shellcheck disable=SC2086 # a list of names
	run_jobs $names
	say "took $(($(date +%s) - started)) s; the jobs that took longest: $(longest)"
	for name in $names; do
		cat "$jobs/$name/summary"
	done | awk -v rows="$(echo "$names" | wc -l)" '
		{ passed += $1; failed += $2; skipped += $3 }
		END {
			# Each row has one line of numbers. A row without this line is a lost test and counts as failed.
			failed += rows - NR
			printf "%d passed, %d failed", passed, failed
			if (skipped)
				printf ", %d skipped", skipped
			print ""
			exit failed || !passed
		}' || return 1
	# shellcheck disable=SC2086 # a list of names
	[ $write = no ] || write_page $names
}

# The shell reads a script while it runs the script. It has read this whole file before it calls main, so the file may change meanwhile.
main
exit
