#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tool.sh: provides json-c for the guest's build of the tool, and prints the folder with its headers and its static library.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

folder=$cache/json-c

json() {
	[ ! -e "$folder/libjson-c.a" ] || return 0
	apt_update
	say "tool: fetching json-c for the guest"
	rm -rf "$cache/.json-c"
	apt_download "$cache/.json-c" libjson-c-dev:arm64
	dpkg-deb -x "$cache"/.json-c/libjson-c-dev*.deb "$cache/.json-c/root"
	mkdir -p "$cache/.json-c/new"
	mv "$cache"/.json-c/root/usr/include/json-c "$cache/.json-c/new/include"
	mv "$cache"/.json-c/root/usr/lib/aarch64-linux-gnu/libjson-c.a "$cache/.json-c/new/"
	rm -rf "$folder"
	mv "$cache/.json-c/new" "$folder"
	rm -rf "$cache/.json-c"
}
locked json-c json
echo "$folder"
