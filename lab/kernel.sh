#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernel.sh NAME: provides the newest kernel of the row NAME in kernels.list, and prints its folder. Debian's kernels are unpacked
# into the cache with their headers and host tools; kernels of the flavours "built", "patched" and "cured" come from kernel-build.sh.
#
#	Image		the kernel, raw
#	version		its release, as uname -r prints it
#	build		the folder for make -C, to build modules
#	modules		the kernel's own modules
#	toolchain	the compiler that the headers name, unless the host has it
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

name=${1:?usage: kernel.sh NAME}
row=$(sed 's/#.*//' "$top/kernels.list" | awk -v name="$name" '$1 == name')
[ -n "$row" ] || die "there is no kernel '$name' in kernels.list."
# shellcheck disable=SC2086 # the row's columns
set -- $row
series=$2 flavour=$3 release=${4:-}
case $flavour in
built) exec sh "$top/lab/kernel-build.sh" "$name" "$series" ;;
patched | cured) exec sh "$top/lab/kernel-build.sh" "$name" "$series" "$flavour" ;;
esac

case $release in
'') ;;
trixie) . "$top/lab/newer.sh" ;;
*) die "kernels.list says that '$name' comes from '$release', but the lab knows only trixie." ;;
esac

unpack() {
	new=$cache/kernel/.new
	rm -rf "$new"
	mkdir -p "$new/root"
	# Since 7.3 the image package depends on packages with its parts.
	parts=$(apt_depends "linux-image-$version:arm64" "linux-(base|binary|modules)-.*")
	common=$(apt_depends "linux-headers-$version:arm64" 'linux-headers-.*-common.*')
	kbuild=$(apt_depends "linux-headers-$version:arm64" 'linux-kbuild-.*')
	# shellcheck disable=SC2046 # a list of package names
	apt_download "$new/deb" "linux-image-$version:arm64" $(printf '%s' "$parts" | sed 's/$/:arm64/') "linux-headers-$version:arm64" "$common:all" "$kbuild:amd64"
	for package in "$new"/deb/*.deb; do
		dpkg-deb -x "$package" "$new/root" || die "$package could not be unpacked; is the disk full?"
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
		die "the kernel of linux-image-$version is not a raw arm64 Image; the lab can boot only those."
	# The headers' Makefile includes the common headers by their installed path.
	sed -i "s#/usr/src/linux-headers#$cache/kernel/$version/root/usr/src/linux-headers#g" "$new/build/Makefile"
	rm -rf "$cache/kernel/$version"
	mv "$new" "$cache/kernel/$version"
}

# equip FOLDER: provides the compiler that built the kernel. If the host lacks this compiler, the headers come from a newer Debian,
# so their programs need the newer C library as well.
equip() {
	[ ! -e "$1/toolchain" ] || return 0
	gcc=$(sed -n 's/^CONFIG_GCC_VERSION=\([0-9]*\)[0-9]\{4\}$/\1/p' "$1/build/.config")
	[ -n "$gcc" ] || die "the headers in $1 do not name the gcc version that built their kernel."
	! command -v "aarch64-linux-gnu-gcc-$gcc" >/dev/null || return 0
	# shellcheck disable=SC2046 # file names without spaces
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
