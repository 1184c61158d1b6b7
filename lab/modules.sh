#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# modules.sh KERNEL [FOLDER...]: builds the driver, the checks of the firmware, the wedge and the tests' modules for a row of
# kernels.list, and those of other folders, and prints the folder they are in.
set -eu
. "$(dirname "$0")/lib.sh"

kernel_dir=$(sh "$top/lab/kernel.sh" "${1:?usage: modules.sh KERNEL [FOLDER...]}")
shift
version=$(cat "$kernel_dir/version")
build=$out/modules/$version

rm -rf "$build/ko"
mkdir -p "$build/ko"
for folder in driver validate wedge tests/modules "$@"; do
	# The tree stays clean: what is built lies beside copies.
	mkdir -p "$build/$folder"
	for file in "$top/$folder"/*; do
		cmp -s "$file" "$build/$folder/${file##*/}" || cp "$file" "$build/$folder/"
	done
	for file in "$build/$folder"/*.[chS]; do
		case $file in
		*.mod.c) ;;
		*) [ -e "$top/$folder/${file##*/}" ] || rm "$file" ;;
		esac
	done
	rm -f "$build/$folder"/*.ko
	quietly "$build/$folder/log" kbuild "$kernel_dir/build" "M=$build/$folder" modules ||
		die "$folder does not build for $version; see above."
	if grep -A 3 '\.[ch]:[0-9:]* warning:' "$build/$folder/log" >&2; then
		die "$folder builds for $version with warnings; see above."
	fi
	for module in "$build/$folder"/*.ko; do
		aarch64-linux-gnu-strip --strip-debug -o "$build/ko/${module##*/}" "$module"
	done
done

# The driver as it would be if the kernel lacked a function: the same module, one name changed to one that no kernel has.
LC_ALL=C sed 's/arch_stack_walk/arch_stack_wolk/' "$build/ko/sdei_nmi.ko" >"$build/ko/sdei_nmi_without_walk.ko"
echo "$build/ko"
