#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernel-build.sh NAME SERIES [patched]: sees to it that there is the kernel of a row of kernels.list that Debian does not have:
# built from Debian's source with lab/kernels/base.config and lab/kernels/NAME.config, which say all that is not off.
# Prints its folder, which is as kernel.sh describes it. It is built again when the source, the configuration or the recipe
# below change; a build that was interrupted goes on.
#
# With "patched" the driver is built in: the source, kept in the folder's src, gets the series of make patch by git am. When the
# series changes, what depends on it is built again. As that is this checkout's own driver, the folder is below out/.
set -eu
. "$(dirname "$0")/lib.sh"

name=${1:?usage: kernel-build.sh NAME SERIES}
series=${2:?usage: kernel-build.sh NAME SERIES}
patched=${3:-}
kernels=$top/lab/kernels
[ -e "$kernels/$name.config" ] || die "kernels.list has '$name' as a kernel to build, but there is no lab/kernels/$name.config."

compile() {
	make -C "$source" ${patched:+"O=$tree"} -j2 ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc-12 \
		LOCALVERSION= KBUILD_BUILD_USER=sdei-nmi KBUILD_BUILD_HOST=lab "KCONFIG_ALLCONFIG=$folder/config" "$@"
}

# Of the parts that no configuration here has only the Kconfig files are needed.
unpack() {
	rm -rf "$folder"
	mkdir -p "$tree" "$source" "$folder/modules"
	xz -dc -T2 "$archive" | tar -x -C "$source" --strip-components=1 --exclude='*/Documentation/*/*' --exclude='*/tools/testing/*' \
		--exclude='*/arch/*/boot/dts/*' --exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/net/*/*.[ch]' --exclude='*/sound/*.[ch]'
}

# An option that its dependencies don't allow is dropped without a word.
check() {
	sed 's/#.*//' "$folder/config" | awk -F= 'NF == 2 { value[$1] = $0 } END { for (name in value) print value[name] }' |
		grep -vxFf "$tree/.config" | tr '\n' ' '
}

# What building modules needs stays; the rest is 2 GB.
prune() {
	find "$tree" -mindepth 1 -maxdepth 1 ! -name arch ! -name include ! -name scripts ! -name Makefile ! -name .config ! -name Module.symvers \
		-exec rm -rf {} +
	find "$tree/arch" -mindepth 1 -maxdepth 1 ! -name arm64 -exec rm -rf {} +
	find "$tree/arch" "$tree/scripts" -name '*.[coaS]' ! -path "$tree/scripts/module-common.c" -delete
}

# The files that the series changes stay as they were in pristine. What git am makes of them there goes into the source where
# it differs, so that make sees what changed.
apply_series() {
	rm -rf "$folder/applied"
	mkdir -p "$folder/applied"
	for file in $(cat "$top"/patches/*.patch | sed -n 's#^--- a/##p' | sort -u); do
		[ -e "$folder/pristine/$file" ] || { mkdir -p "$(dirname "$folder/pristine/$file")" && cp -p "$source/$file" "$folder/pristine/$file"; }
	done
	cp -a "$folder/pristine/." "$folder/applied/"
	sh "$top/scripts/patch.sh" "$folder/pristine" >"$folder/series.new" || die "the series for the kernel $name can't be made; see above."
	mv "$folder/series.new" "$folder/series"
	(cd "$folder/applied" && bare_git init -q && bare_git add -A && bare_git commit -q -m base &&
		quietly "$cache/log/kernel-$name" bare_git am -q "$folder/series" && rm -rf .git) ||
		die "git am does not take the series for the kernel $name; see above."
	for file in $(cd "$folder/applied" && find . -type f); do
		cmp -s "$folder/applied/$file" "$source/$file" || put "$file"
	done
	find "$source/drivers/firmware/sdei_nmi" "$source/drivers/firmware/sdei_nmi_validate" -type f | while read -r file; do
		[ -e "$folder/applied${file#"$source"}" ] || { rm -f "$folder/version" "$folder/configured" "$file" || die "$file can't be removed."; }
	done || exit 1
}

# put FILE: what was built of the file as it was counts no more, whatever happens next.
put() {
	rm -f "$folder/version" "$folder/configured"
	mkdir -p "$(dirname "$source/$1")"
	cp "$folder/applied/$1" "$source/$1" || die "the source of the kernel $name can't be changed; is the disk full?"
}

configure() {
	[ -e "$folder/unpacked" ] || quietly "$cache/log/kernel-$name" unpack || die "the kernel's source could not be unpacked; is the disk full?"
	touch "$folder/unpacked"
	[ -z "$patched" ] || apply_series
	cat "$kernels/base.config" "$kernels/$name.config" >"$folder/config"
	echo "CONFIG_LOCALVERSION=\"-$name\"" >>"$folder/config"
	quietly "$cache/log/kernel-$name" compile allnoconfig || die "the kernel $name can't be configured; see above."
	dropped=$(check)
	[ -z "$dropped" ] || die "Linux $version does not take these options of lab/kernels/$name.config or base.config: $dropped"
	touch "$folder/configured"
}

build() {
	say "kernel: building $name from Debian's source $version (some minutes)"
	sh "$top/lab/host.sh" "$kernels/host.packages"
	[ -e "$folder/configured" ] || configure
	quietly "$cache/log/kernel-$name" compile Image modules ||
		die "the kernel $name does not build: $(grep -m 1 -E 'error: |\*\*\* ' "$cache/log/kernel-$name" || echo 'see above')."
	compile -s kernelrelease >"$folder/version.new"
	cp "$tree/arch/arm64/boot/Image" "$folder/Image.new"
	mv "$folder/Image.new" "$folder/Image"
	mv "$folder/version.new" "$folder/version"
	[ -n "$patched" ] || prune
}

# recipe: what of this script decides what comes of it.
recipe() {
	sed -n '/^\(compile\|unpack\|prune\)() {/,/^}/p' "$top/lab/kernel-build.sh"
}

provide() {
	archive=$(sh "$top/lab/source.sh" "$series")
	version=$(basename "$archive" .tar.xz | sed 's/.*_//')
	kept=$cache
	[ -z "$patched" ] || kept=$out
	folder=$kept/kernel/$name-$version-$({ recipe && cat "$kernels/base.config" "$kernels/$name.config"; } | cksum | cut -d ' ' -f 1)
	tree=$folder/build
	source=$tree
	if [ -n "$patched" ]; then
		source=$folder/src
		[ ! -e "$folder/unpacked" ] || apply_series
	fi
	[ -e "$folder/version" ] || build
	echo "$folder"
}
locked "kernel-$name" provide
