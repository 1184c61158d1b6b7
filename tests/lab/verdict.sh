#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# verdict.sh VERDICT: runs the verdict program on each stored run in logs/ and prints KTAP version 1.
#
# The first line of logs/CASE/expect is the exit status. Each further line is a string that the output must contain, or, after "!",
# must not contain. Each case also checks that the summary file has the numbers of the output's last line. A new case is one new
# folder.
set -u

verdict=${1:?usage: verdict.sh VERDICT}
logs=$(dirname "$0")/logs
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# check FOLDER: runs the case and prints one line for each error.
check() {
	rm -f "$work/summary" "$work/output" "$work/errors"
	if [ ! -s "$1/expect" ]; then
		echo "there is no expect file"
		return
	fi
	"$verdict" -o "$work/summary" "$1" >"$work/output" 2>"$work/errors"
	status=$?
	{
		read -r wanted
		[ "$status" = "$wanted" ] || echo "exit status is $status, not $wanted"
		strings=0
		while IFS= read -r string; do
			strings=$((strings + 1))
			case $string in
			!*) ! grep -qF -e "${string#!}" "$work/output" || echo "in the output: ${string#!}" ;;
			*) grep -qF -e "$string" "$work/output" || echo "not in the output: $string" ;;
			esac
		done
		[ "$strings" -gt 0 ] || echo "expect asks for no string"
	} <"$1/expect"
	[ ! -s "$work/errors" ] || sed 's/^/stderr: /' "$work/errors"
	counted=$(sed -n '$s/.*: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$work/output")
	[ "$(cat "$work/summary" 2>&1)" = "$counted" ] || echo "the summary is not '$counted'"
}

set -- "$logs"/*/
if [ ! -d "$1" ]; then
	echo "verdict.sh: there are no stored runs in $logs" >&2
	exit 2
fi
echo "KTAP version 1"
echo "1..$#"
n=0
failed=0
for folder; do
	n=$((n + 1))
	name=verdict_$(basename "$folder")
	check "$folder" >"$work/wrong"
	if [ -s "$work/wrong" ]; then
		failed=$((failed + 1))
		sed 's/^/# /' "$work/wrong"
		[ ! -s "$work/output" ] || sed 's/^/#   | /' "$work/output"
		echo "not ok $n $name"
	else
		echo "ok $n $name"
	fi
done
[ "$failed" = 0 ]
