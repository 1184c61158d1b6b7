#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kunit_parse.sh RESULT KERNEL: gives what sdei-nmi validate printed in a guest to another parser of KTAP, the kernel's own kunit.py, which
# has to count what the tool counted. RESULT is the report of a guest that ran validate.as_it_is. On the host; speaks KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"

result=${1:?usage: kunit_parse.sh RESULT KERNEL}
version=$(cat "$(sh "$top/lab/kernel.sh" "${2:?usage: kunit_parse.sh RESULT KERNEL}")/version")
kunit=$cache/kunit/$version

# Of the kernel's source only this one folder is kept, where it is: elsewhere kunit.py ends without a word.
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

# field NAME: of the tool's own count, or of kunit.py's.
ours() {
	sed -n "s/^# Totals:.* $1:\([0-9]*\) .*/\1/p" "$work/ktap"
}

theirs() {
	sed -n "s/.*Ran [0-9]* tests: .*$1: \([0-9]*\).*/\1/p" "$work/parsed"
}

same_count() {
	sed -n '/^# ktap begins$/,/^# ktap ends$/s/^# //p' "$result" | sed '1d;$d' >"$work/ktap"
	[ -s "$work/ktap" ] || { echo "no run of sdei-nmi validate is in $result" && return 1; }
	# It fails where a check has failed.
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
