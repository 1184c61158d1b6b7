#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# firmware.sh NAME: sees to it that the cache holds a firmware, and prints the boot ROM image. NAME is one of
#
#	tfa		TF-A from Debian's source package, as it is: SDEI on, EL3 exception handling on
#	tfa-faulty	the same, linked with the fault layer of lab/firmware/, which makes SDEI_EVENT_SIGNAL lie when told to
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

name=${1:?usage: firmware.sh NAME}
case $name in
tfa | tfa-faulty) ;;
*) die "there is no firmware '$name'; firmware.sh knows tfa and tfa-faulty." ;;
esac

fetch() {
	rm -rf "$cache/firmware/.src"
	mkdir -p "$cache/firmware/.src"
	(cd "$cache/firmware/.src" && quietly "$cache/log/tfa-fetch" apt-get source --only-source "arm-trusted-firmware=$version") ||
		{
			rm -f "$apt_dir/updated"
			die "the source of TF-A $version could not be fetched or unpacked; see above, check the network, and try again."
		}
	mv "$cache"/firmware/.src/arm-trusted-firmware-*/ "$source"
	rm -rf "$cache/firmware/.src"
}

build() {
	new=$cache/firmware/.build
	rm -rf "$new"
	cp -a "$source" "$new"
	set --
	if [ "$name" = tfa-faulty ]; then
		# TF-A adds to these itself (+=), which the environment survives.
		set -- BL31_SOURCES="$top/lab/firmware/faults.c" BL31_LDFLAGS=-Wl,--wrap=sdei_smc_handler
	fi
	quietly "$cache/log/tfa-build" env "$@" make -C "$new" -j2 CROSS_COMPILE=aarch64-linux-gnu- PLAT=qemu \
		QEMU_USE_GIC_DRIVER=QEMU_GICV3 SDEI_SUPPORT=1 EL3_EXCEPTION_HANDLING=1 ARM_LINUX_KERNEL_AS_BL33=1 \
		PRELOADED_BL33_BASE=0x60000000 DEBUG=1 all fip ||
		die "TF-A $version does not build; see above."
	mkdir -p "$image"
	# The boot ROM at address 0: BL1 in the first 256 KiB, the firmware image package behind it.
	cp "$new/build/qemu/debug/bl1.bin" "$image/flash.new"
	truncate -s 256K "$image/flash.new"
	cat "$new/build/qemu/debug/fip.bin" >>"$image/flash.new"
	mv "$image/flash.new" "$image/flash.bin"
	rm -rf "$new"
}

resolve() {
	version=$(apt-cache showsrc --only-source arm-trusted-firmware | awk '$1 == "Version:" { print $2 }' | sort -V | awk '/^2\.1[2-9]/' | tail -n 1)
	[ -n "$version" ] || die "the archive has no arm-trusted-firmware 2.12 or newer, of which the lab builds the firmware."
	mkdir -p "$cache/firmware"
	echo "$version" >"$cache/firmware/current.new"
	mv "$cache/firmware/current.new" "$cache/firmware/current"
}

provide() {
	apt_update
	apt_settled "$cache/firmware/current" || resolve
	version=$(cat "$cache/firmware/current")
	source=$cache/firmware/src-$version
	# Another way to build it makes another firmware.
	image=$cache/firmware/$name-$version-$(cat "$top/lab/firmware.sh" "$top"/lab/firmware/* | cksum | cut -d ' ' -f 1)
	if [ ! -e "$image/flash.bin" ]; then
		say "firmware: building TF-A $version ($name)"
		[ -d "$source" ] || fetch
		build
	fi
	echo "$image/flash.bin"
}
locked firmware provide
