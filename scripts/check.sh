#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check.sh KERNEL [REGEX]: checks the sources, and prints KTAP. REGEX selects checks by name (default: all).
#
# Each function check_NAME of this file is a check; the plan is the list of these functions. A check prints one line for each
# finding, and fails if it prints anything or ends with an error. Its output goes to out/check/NAME; $work is its scratch folder.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

usage='usage: check.sh KERNEL [REGEX]'
kernel=${1:?$usage}
checks=$(sed -n 's/^check_\([a-z0-9_]*\)() {$/\1/p' "$top/scripts/check.sh" | grep -E -- "${2:-.}") || die "no check matches '$2'."
kernel_dir=$(sh "$top/lab/kernel.sh" "$kernel")
version=$(cat "$kernel_dir/version")

check_shellcheck() {
	(cd "$top" && git ls-files '*.sh' tool/completion.bash .ci/run | xargs shellcheck)
}

# Kernel code: sparse, and the compiler's warnings at W=1.
check_sparse() {
	cp "$top/VERSION" "$work/"
	for folder in driver validate tests/modules bench; do
		mkdir -p "$work/$folder"
		cp -r "$top/$folder"/* "$work/$folder/"
		log=$work/$folder/log
		kbuild "$kernel_dir/build" -s "M=$work/$folder" W=1 C=2 CHECK=sparse modules >"$log" 2>&1 ||
			{ echo "$folder does not build:" && tail -n 20 "$log"; }
		grep -iE '(error|warning):' "$log" || true
	done
}

# checkpatch is part of the kernel's source. The cache keeps only the files that it needs.
fetch_checkpatch() {
	[ -e "$cache/checkpatch/$version/checkpatch.pl" ] && return
	archive=$(sh "$top/lab/source.sh" "$(echo "$version" | cut -d . -f 1-2)")
	rm -rf "$cache/checkpatch/.new"
	mkdir -p "$cache/checkpatch/.new"
	xz -dc -T2 "$archive" | tar -x -C "$cache/checkpatch/.new" --strip-components=2 --wildcards '*/scripts/checkpatch.pl' \
		'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' || die "checkpatch could not be unpacked from $archive."
	mv "$cache/checkpatch/.new" "$cache/checkpatch/$version"
}

check_checkpatch() {
	find "$top/driver" "$top/validate" "$top/tests/modules" "$top/bench/sdei_nmi_bench.c" -name '*.[chS]' | sort | while read -r file; do
		(cd "$work" && perl "$cache/checkpatch/$version/checkpatch.pl" --no-tree --strict --terse --show-types --no-summary \
			-f "$file" 2>errors) || { echo "${file#"$top"/}: checkpatch ended with $?" && cat "$work/errors"; }
	done
}

check_tool() {
	find "$top/tool" -name '*.c' | sort | while read -r file; do
		# shellcheck disable=SC2046 # a list of flags
		gcc -std=gnu11 -O2 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -fsyntax-only \
			$(pkg-config --cflags json-c) "$file" 2>&1 || echo "$file does not compile"
	done
}

check_man() {
	mandoc -T lint -W warning "$top"/tool/man/*
}

# kernels.list and the README's table name the same kernels.
check_kernels() {
	listed=$(sed 's/#.*//' "$top/kernels.list" | awk 'NF { print $1 }' | sort)
	documented=$(awk '/^## / { on = /Tested kernels/ } on && /^\| / { print $2 }' "$top/README.md" | grep -v '^kernel$' | sort)
	[ "$listed" = "$documented" ] || printf 'kernels.list has:\n%s\nthe README has:\n%s\n' "$listed" "$documented"
}

locked checkpatch fetch_checkpatch
# VERSION is the newest release of CHANGELOG.md.
check_version() {
	sh "$top/packaging/changelog.sh" >"$work/changelog" && dpkg-parsechangelog -l "$work/changelog" >"$work/parsed"
}

rm -rf "$out/check"
mkdir -p "$out/check/work"
echo "KTAP version 1"
echo "1..$(echo "$checks" | wc -l)"
number=0
failed=0
for check in $checks; do
	number=$((number + 1))
	findings=$out/check/$check
	work=$out/check/work/$check
	mkdir "$work"
	set +e
	(set -e && "check_$check") >"$findings" 2>&1
	status=$?
	set -e
	[ $status = 0 ] || echo "$check ended with $status" >>"$findings"
	if [ -s "$findings" ]; then
		sed 's/^/# /' "$findings"
		echo "not ok $number $check"
		failed=1
	else
		echo "ok $number $check"
	fi
done
exit $failed
