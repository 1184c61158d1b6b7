#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernel-build.sh NAME SERIES: sees to it that the cache holds the kernel of a row of kernels.list that Debian does not have:
# built from Debian's source with lab/kernels/base.config and lab/kernels/NAME.config, which say all that is not off. Prints
# its folder, which is as kernel.sh describes it. It is built again when the source, the configuration or this recipe change; a
# build that was interrupted goes on.
set -eu
. "$(dirname "$0")/lib.sh"

name=${1:?usage: kernel-build.sh NAME SERIES}
series=${2:?usage: kernel-build.sh NAME SERIES}
kernels=$top/lab/kernels
[ -e "$kernels/$name.config" ] || die "kernels.list has '$name' as a kernel to build, but there is no lab/kernels/$name.config."

compile() {
	make -C "$tree" -j2 ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc-12 \
		LOCALVERSION= KBUILD_BUILD_USER=sdei-nmi KBUILD_BUILD_HOST=lab "KCONFIG_ALLCONFIG=$folder/config" "$@"
}

# Of the parts that no configuration here has only the Kconfig files are needed.
unpack() {
	rm -rf "$folder"
	mkdir -p "$tree" "$folder/modules"
	xz -dc -T2 "$archive" | tar -x -C "$tree" --strip-components=1 --exclude='*/Documentation/*/*' --exclude='*/tools/testing/*' \
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

configure() {
	quietly "$cache/log/kernel-$name" unpack || die "the kernel's source could not be unpacked; is the disk full?"
	cat "$kernels/base.config" "$kernels/$name.config" >"$folder/config"
	echo "CONFIG_LOCALVERSION=\"-$name\"" >>"$folder/config"
	quietly "$cache/log/kernel-$name" compile allnoconfig || die "the kernel $name can't be configured; see above."
	dropped=$(check)
	[ -z "$dropped" ] || die "Linux $version does not take these options of lab/kernels/$name.config or base.config: $dropped"
	touch "$folder/configured"
}

build() {
	say "kernel: building $name from Debian's source $version (some minutes)"
	tree=$folder/build
	sh "$top/lab/host.sh" "$kernels/host.packages"
	[ -e "$folder/configured" ] || configure
	quietly "$cache/log/kernel-$name" compile Image modules ||
		die "the kernel $name does not build: $(grep -m 1 -E 'error: |\*\*\* ' "$cache/log/kernel-$name" || echo 'see above')."
	compile -s kernelrelease >"$folder/version.new"
	mv "$tree/arch/arm64/boot/Image" "$folder/Image"
	mv "$folder/version.new" "$folder/version"
	prune
}

provide() {
	archive=$(sh "$top/lab/source.sh" "$series")
	version=$(basename "$archive" .tar.xz | sed 's/.*_//')
	folder=$cache/kernel/$name-$version-$(cat "$top/lab/kernel-build.sh" "$kernels/base.config" "$kernels/$name.config" | cksum | cut -d ' ' -f 1)
	[ -e "$folder/version" ] || build
	echo "$folder"
}
locked "kernel-$name" provide
