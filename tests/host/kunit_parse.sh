#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kunit_parse.sh RESULT KERNEL: parses the output of sdei-nmi validate with the kernel's kunit.py, whose counts have to equal those of
# the tool. RESULT is the report of a guest that ran validate.as_it_is. Runs on the host and prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"

result=${1:?usage: kunit_parse.sh RESULT KERNEL}
version=$(cat "$(sh "$top/lab/kernel.sh" "${2:?usage: kunit_parse.sh RESULT KERNEL}")/version")
kunit=$cache/kunit/$version

# The cache keeps only this folder of the kernel's source, at its path: elsewhere kunit.py ends without a message.
unpack() {
	[ ! -e "$kunit/tools/testing/kunit/kunit.py" ] || return 0
	archive=$(sh "$top/lab/source.sh" "$(echo "$version" | cut -d . -f 1-2)")
	rm -rf "$cache/kunit/.new"
	mkdir -p "$cache/kunit/.new"
	xz -dc -T2 "$archive" | tar -x -C "$cache/kunit/.new" --strip-components=1 --wildcards '*/tools/testing/kunit/*.py' ||
		die "kunit.py could not be unpacked from $archive."
	mv "$cache/kunit/.new" "$kunit"
}
locked kunit unpack

work=$(mktemp -d) || die "no temporary folder can be made; is the disk full?"
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# ours NAME, theirs NAME: a count of the tool, or of kunit.py.
ours() {
	sed -n "s/^# Totals:.* $1:\([0-9]*\) .*/\1/p" "$work/ktap"
}

theirs() {
	sed -n "s/.*Ran [0-9]* tests: .*$1: \([0-9]*\).*/\1/p" "$work/parsed"
}

same_count() {
	sed -n '/^# ktap begins$/,/^# ktap ends$/s/^# //p' "$result" | sed '1d;$d' >"$work/ktap"
	[ -s "$work/ktap" ] || { echo "no run of sdei-nmi validate is in $result" && return 1; }
	# kunit.py fails if a check has failed.
	python3 "$kunit/tools/testing/kunit/kunit.py" parse "$work/ktap" >"$work/parsed" 2>&1 || true
	[ -n "$(ours pass)" ] && [ "$(theirs passed)" = "$(ours pass)" ] && [ "$(theirs skipped)" = "$(ours skip)" ] && [ "$(theirs failed)" = "$(ours fail)" ] &&
		! grep '\[ERROR\]' "$work/parsed" && return
	grep '# Totals' "$work/ktap"
	tail -n 5 "$work/parsed"
	return 1
}

echo "KTAP version 1"
echo "1..1"
if same_count >"$work/output"; then
	echo "ok 1 same_count"
else
	sed 's/^/# /' "$work/output"
	echo "not ok 1 same_count"
	exit 1
fi
