#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernel.sh NAME: sees to it that the cache holds the newest kernel of a row of kernels.list, unpacked, with its headers and
# its host build tools, and prints the folder; or, for flavours "built" and "patched", the kernel that the lab builds itself:
#
#	Image		the stock kernel, raw
#	version		its release, as uname -r tells it
#	build		the folder to build modules against, with make -C
#	modules		the kernel's own modules
#	toolchain	the compiler that the headers name, if it isn't the host's
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

name=${1:?usage: kernel.sh NAME}
row=$(sed 's/#.*//' "$top/kernels.list" | awk -v name="$name" '$1 == name')
[ -n "$row" ] || die "there is no kernel '$name' in kernels.list."
# shellcheck disable=SC2086 # the row's columns
set -- $row
series=$2 flavour=$3
case $flavour in
built) exec sh "$top/lab/kernel-build.sh" "$name" "$series" ;;
patched) exec sh "$top/lab/kernel-build.sh" "$name" "$series" patched ;;
esac

unpack() {
	new=$cache/kernel/.new
	rm -rf "$new"
	mkdir -p "$new/root"
	# The newest split the image into packages of its parts.
	parts=$(apt_depends "linux-image-$version:arm64" "linux-(base|binary|modules)-.*")
	common=$(apt_depends "linux-headers-$version:arm64" 'linux-headers-.*-common.*')
	kbuild=$(apt_depends "linux-headers-$version:arm64" 'linux-kbuild-.*')
	# shellcheck disable=SC2046 # a list of package names
	apt_download "$new/deb" "linux-image-$version:arm64" $(printf '%s' "$parts" | sed 's/$/:arm64/') "linux-headers-$version:arm64" "$common:all" "$kbuild:amd64"
	for package in "$new"/deb/*.deb; do
		dpkg-deb -x "$package" "$new/root" || die "$package cannot be unpacked; is the disk full?"
	done
	rm -rf "$new/deb"
	cd "$new"
	for image in "root/boot/vmlinuz-$version" "root/usr/lib/modules/$version/vmlinuz"; do
		[ ! -e "$image" ] || ln -s "$image" Image
	done
	for modules in "root/lib/modules/$version/kernel" "root/usr/lib/modules/$version/kernel"; do
		[ ! -e "$modules" ] || ln -s "$modules" modules
	done
	ln -s "root/usr/src/linux-headers-$version" build
	cd "$top"
	echo "$version" >"$new/version"
	dd if="$new/Image" bs=1 skip=56 count=4 2>/dev/null | grep -q '^ARM' ||
		die "the kernel of linux-image-$version is not a raw arm64 Image, which the lab's boot needs."
	# The headers' Makefile names the common headers by their installed place.
	sed -i "s#/usr/src/linux-headers#$cache/kernel/$version/root/usr/src/linux-headers#g" "$new/build/Makefile"
	rm -rf "$cache/kernel/$version"
	mv "$new" "$cache/kernel/$version"
}

# equip FOLDER: modules are built by the compiler that the kernel was. Where the host has it not, the headers' own programs
# are of a newer Debian than the host, too.
equip() {
	[ ! -e "$1/toolchain" ] || return 0
	gcc=$(sed -n 's/^CONFIG_GCC_VERSION=\([0-9]*\)[0-9]\{4\}$/\1/p' "$1/build/.config")
	[ -n "$gcc" ] || die "the headers in $1 do not tell the version of gcc that their kernel was built with."
	! command -v "aarch64-linux-gnu-gcc-$gcc" >/dev/null || return 0
	# shellcheck disable=SC2046 # no such name has a space
	toolchain=$(sh "$top/lab/toolchain.sh" "$gcc" $(find "$1"/root/usr/lib/linux-kbuild-*/scripts "$1"/root/usr/lib/linux-kbuild-*/tools -type f -perm -u+x))
	ln -s "$toolchain" "$1/toolchain"
}

provide() {
	apt_update
	current=$cache/kernel/current-$name
	if apt_settled "$current" && [ -e "$(cat "$current")/version" ]; then
		equip "$(cat "$current")"
		cat "$current"
		return
	fi
	image=$(apt_newest "linux-image-$series." "linux-image-[0-9.]+(-[0-9]+|[+]deb[0-9]+)-$flavour")
	[ -n "$image" ] || die "the archive has no linux-image of $series.* in flavour $flavour; does kernels.list name a series that Debian still carries?"
	version=${image#linux-image-}
	if [ ! -e "$cache/kernel/$version/version" ]; then
		say "kernel: fetching and unpacking Debian's $version"
		unpack "$version"
	fi
	equip "$cache/kernel/$version"
	echo "$cache/kernel/$version" >"$current.new"
	mv "$current.new" "$current"
	cat "$current"
}
locked kernel provide
