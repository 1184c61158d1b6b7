#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tool.sh: provides json-c and ncurses for the guest's build of the tool, and prints the folder with their headers and static libraries.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

folder=$cache/tool-libraries

libraries() {
	[ ! -e "$folder/libncursesw.a" ] || return 0
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
	rm -rf "$folder"
	mv "$new/new" "$folder"
	rm -rf "$new"
}
locked tool-libraries libraries
echo "$folder"
