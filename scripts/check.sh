#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check.sh KERNEL: holds the sources against shellcheck, sparse, the compiler's W=1 and checkpatch --strict, the tool against
# the compiler's warnings, the man pages against mandoc. Speaks KTAP.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

kernel_dir=$(sh "$top/lab/kernel.sh" "${1:?usage: check.sh KERNEL}")
version=$(cat "$kernel_dir/version")
number=0
failed=0

# report NAME: what it found is in a file of its name; nothing found is good.
report() {
	number=$((number + 1))
	if [ -s "$out/check/$1" ]; then
		sed 's/^/# /' "$out/check/$1"
		echo "not ok $number $1"
		failed=1
	else
		echo "ok $number $1"
	fi
}

# checkpatch is a part of the kernel's source, of which only this one folder is kept.
checkpatch() {
	[ -e "$cache/checkpatch/$version/checkpatch.pl" ] && return
	archive=$(sh "$top/lab/source.sh" "$(echo "$version" | cut -d . -f 1-2)")
	rm -rf "$cache/checkpatch/.new"
	mkdir -p "$cache/checkpatch/.new"
	xz -dc -T2 "$archive" | tar -x -C "$cache/checkpatch/.new" --strip-components=2 --wildcards '*/scripts/checkpatch.pl' \
		'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' || die "checkpatch could not be unpacked from $archive."
	mv "$cache/checkpatch/.new" "$cache/checkpatch/$version"
}

rm -rf "$out/check"
mkdir -p "$out/check"
locked checkpatch checkpatch
echo "KTAP version 1"
echo "1..6"

# A checker that can't run has found something, too.
(cd "$top" && git ls-files '*.sh' tool/completion.bash .ci/run | xargs shellcheck) >"$out/check/shellcheck" 2>&1 ||
	echo "shellcheck ended with $?" >>"$out/check/shellcheck"
report shellcheck

for folder in driver validate tests/modules bench; do
	mkdir -p "$out/check/build/$folder"
	cp -r "$top/$folder"/* "$out/check/build/$folder/"
	log=$out/check/build/$folder/log
	kbuild "$kernel_dir/build" -s "M=$out/check/build/$folder" W=1 C=2 CHECK=sparse modules >"$log" 2>&1 ||
		{ echo "$folder does not build:" && tail -n 20 "$log"; }
	grep -iE '(error|warning):' "$log" || true
done >"$out/check/sparse-and-W=1"
report sparse-and-W=1

find "$top/driver" "$top/validate" "$top/tests/modules" "$top/bench/sdei_nmi_bench.c" -name '*.[chS]' | sort | while read -r file; do
	(cd "$out/check" && perl "$cache/checkpatch/$version/checkpatch.pl" --no-tree --strict --terse --show-types --no-summary \
		-f "$file" 2>"$out/check/checkpatch.errors") || { echo "${file#"$top"/}: checkpatch ended with $?" && cat "$out/check/checkpatch.errors"; }
done >"$out/check/checkpatch"
report checkpatch

for file in "$top"/tool/*.c; do
	# shellcheck disable=SC2046 # a list of flags
	gcc -std=gnu11 -O2 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -fsyntax-only \
		$(pkg-config --cflags json-c) "$file" 2>&1 || echo "$file does not compile"
done >"$out/check/tool"
report tool

mandoc -T lint -W warning "$top"/tool/man/* >"$out/check/man" 2>&1 || echo "mandoc ended with $?" >>"$out/check/man"
report man

# One list of kernels: what kernels.list names, the README's table has a row for, and no others.
listed=$(sed 's/#.*//' "$top/kernels.list" | awk 'NF { print $1 }' | sort)
told=$(awk '/^## / { on = /Tested kernels/ } on && /^\| / { print $2 }' "$top/README.md" | grep -v '^kernel$' | sort)
[ "$listed" = "$told" ] || printf 'kernels.list has:\n%s\nthe README:\n%s\n' "$listed" "$told" >"$out/check/kernels"
report kernels

exit $failed
