#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# debian.sh PACKAGE...: unpacks Debian 12's arm64 packages and their dependencies into the cache, without documentation and
# translations, and prints the folder, which is a root for chroot.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

[ $# -gt 0 ] || die "usage: debian.sh PACKAGE..."

provide() {
	apt_update
	folder=$cache/debian/$(echo "$*" | tr ' ' +)
	if ! apt_settled "$folder/packages"; then
		say "debian: fetching $* for arm64"
		new=$cache/debian/.new
		rm -rf "$new"
		mkdir -p "$new/deb/partial" "$new/proc" "$new/sys" "$new/dev" "$new/tmp"
		# The private apt has no package installed, so this fetches all dependencies.
		quietly "$cache/log/debian" apt-get -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::Cache::archives=$new/deb" \
			install --download-only --no-install-recommends -y -t bookworm "$@" || {
			# The archive may have dropped this version since the lists were fetched. Make the next run fetch new lists.
			rm -f "$apt_dir/updated"
			die "apt could not download $* (see above); check the network and try again."
		}
		for package in "$new"/deb/*.deb; do
			dpkg-deb -x "$package" "$new" || die "$package could not be unpacked; is the disk full?"
		done
		(cd "$new/deb" && ls -- *.deb) >"$new/packages"
		rm -rf "$new/deb" "$new"/usr/share/doc "$new"/usr/share/man "$new"/usr/share/locale "$new"/usr/lib/*/gconv
		rm -rf "$folder"
		mv "$new" "$folder"
		say "debian: $(tr '\n' ' ' <"$folder/packages")"
	fi
	echo "$folder"
}
locked debian provide "$@"
