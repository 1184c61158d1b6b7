#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# modules.sh KERNEL [FOLDER...]: builds the modules in driver/, validate/, tests/modules/ and each FOLDER for a row of kernels.list,
# and prints the folder that contains them.
set -eu
. "$(dirname "$0")/lib.sh"

kernel_dir=$(sh "$top/lab/kernel.sh" "${1:?usage: modules.sh KERNEL [FOLDER...]}")
shift
version=$(cat "$kernel_dir/version")
build=$out/modules/$version

rm -rf "$build/ko"
mkdir -p "$build/ko"
cp "$top/VERSION" "$build/"
set -- driver validate tests/modules "$@"
say "modules: building those in $(echo "$*" | sed 's/ /, /g') for Linux $version, one folder after the other"
for folder; do
	# Build in copies, so that the source folders stay clean.
	mkdir -p "$build/$folder"
	(cd "$top/$folder" && find . -type f) | while read -r file; do
		cmp -s "$top/$folder/$file" "$build/$folder/$file" || install -D -m 644 "$top/$folder/$file" "$build/$folder/$file"
	done
	(cd "$build/$folder" && find . -name '*.[chS]' ! -name '*.mod.c') | while read -r file; do
		[ -e "$top/$folder/$file" ] || rm "$build/$folder/$file"
	done
	find "$build/$folder" -name '*.ko' -exec rm {} +
	quietly "$build/$folder/log" kbuild "$kernel_dir/build" "M=$build/$folder" modules ||
		die "$folder does not build for $version (see above)."
	if grep -A 3 '\.[ch]:[0-9:]* warning:' "$build/$folder/log" >&2; then
		die "$folder builds for $version with warnings (see above)."
	fi
	find "$build/$folder" -name '*.ko' | while read -r module; do
		aarch64-linux-gnu-strip --strip-debug -o "$build/ko/${module##*/}" "$module"
	done
done

# A driver for tests that looks up a function which no kernel has: the same module with one name changed.
LC_ALL=C sed 's/arch_stack_walk/arch_stack_wolk/' "$build/ko/sdei_nmi.ko" >"$build/ko/sdei_nmi_without_walk.ko"
echo "$build/ko"
