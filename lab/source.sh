#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# source.sh SERIES: sees to it that the cache holds the newest kernel source of a series that Debian has as a linux-source
# package, and prints its archive, linux-source-SERIES_VERSION.tar.xz.
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
		say "source: fetching the kernel's source $version"
		rm -rf "$cache/source/.new"
		apt_download "$cache/source/.new" "$package:all"
		# What is piped is checked afterwards: an archive that is cut short fails its own checksum.
		dpkg-deb --fsys-tarfile "$cache"/source/.new/*.deb | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' >"$cache/source/.new/archive" &&
			xz -t -T2 "$cache/source/.new/archive" || die "the kernel's source could not be taken out of $package; is the disk full?"
		rm -f "$cache/source/${package}_"*
		mv "$cache/source/.new/archive" "$archive"
		rm -rf "$cache/source/.new"
	fi
	echo "$archive" >"$current.new"
	mv "$current.new" "$current"
	cat "$current"
}
locked source provide
