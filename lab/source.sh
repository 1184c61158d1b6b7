#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# source.sh SERIES: fetches the newest linux-source package of a kernel series into the cache, and prints the path of its archive,
# linux-source-SERIES_VERSION.tar.xz.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

series=${1:?usage: source.sh SERIES}

provide() {
	apt_update
	current=$cache/source/current-$series
	if apt_settled "$current" && [ -e "$(cat "$current")" ]; then
		cat "$current"
		return
	fi
	package=$(apt_newest "linux-source-$series" "linux-source-$(echo "$series" | sed 's/[.]/[.]/g')([.][0-9]+)?")
	[ -n "$package" ] || die "the archive has no linux-source of series $series; does Debian still carry it?"
	version=$(apt-cache show --no-all-versions "$package" | sed -n 's/^Version: \([0-9]*:\)\{0,1\}//p' | head -n 1)
	archive=$cache/source/${package}_$version.tar.xz
	if [ ! -e "$archive" ]; then
		say "source: fetching the kernel source $version"
		rm -rf "$cache/source/.new"
		apt_download "$cache/source/.new" "$package:all"
		# A pipe hides errors of its first command, so xz checks the result: a truncated archive fails its checksum.
		dpkg-deb --fsys-tarfile "$cache"/source/.new/*.deb | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' >"$cache/source/.new/archive" &&
			xz -t -T2 "$cache/source/.new/archive" || die "the kernel source could not be unpacked from $package; is the disk full?"
		rm -f "$cache/source/${package}_"*
		mv "$cache/source/.new/archive" "$archive"
		rm -rf "$cache/source/.new"
	fi
	echo "$archive" >"$current.new"
	mv "$current.new" "$current"
	cat "$current"
}
locked source provide
