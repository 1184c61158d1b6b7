#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tool.sh: provides json-c, ncurses and libsmartcols for the guest's build of the tool, and prints the folder with their headers and
# static libraries. Debian has no static libsmartcols, so the script builds it from the source package util-linux.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

folder=$cache/tool-libraries

# smartcols: builds libsmartcols in $new/smartcols. Debian's patches are left out: they change the input of automake, which is not
# needed for the library.
smartcols() {
	mkdir -p "$new/smartcols"
	cd "$new/smartcols"
	apt-get source --download-only --only-source util-linux/trixie
	dpkg-source --no-check --skip-patches -x util-linux_*.dsc source
	mkdir build
	cd build
	PKG_CONFIG=false ../source/configure --host=aarch64-linux-gnu --disable-all-programs --enable-libsmartcols \
		--disable-shared --disable-nls --disable-dependency-tracking
	make -j2 libsmartcols.la
}

libraries() {
	[ ! -e "$folder/libsmartcols.a" ] || return 0
	apt_update
	say "tool: fetching json-c and ncurses for the guest"
	new=$cache/.tool-libraries
	rm -rf "$new"
	apt_download "$new" libjson-c-dev:arm64 libncurses-dev:arm64
	for deb in "$new"/*.deb; do
		dpkg-deb -x "$deb" "$new/root"
	done
	mkdir -p "$new/new"
	mv "$new/root/usr/include" "$new/new/"
	for library in json-c ncursesw tinfo; do
		mv "$new/root/usr/lib/aarch64-linux-gnu/lib$library.a" "$new/new/"
	done
	say "tool: building libsmartcols for the guest"
	export new
	quietly "$cache/log/smartcols" sh "$0" --smartcols ||
		die "libsmartcols could not be built (see above, and $cache/log/smartcols); check the network and try again."
	mv "$new/smartcols/build/.libs/libsmartcols.a" "$new/new/"
	mv "$new/smartcols/build/libsmartcols/src/libsmartcols.h" "$new/new/include/"
	rm -rf "$folder"
	mv "$new/new" "$folder"
	rm -rf "$new"
}

if [ "${1:-}" = --smartcols ]; then
	smartcols
	exit
fi
locked tool-libraries libraries
echo "$folder"
