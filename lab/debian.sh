#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# debian.sh PACKAGE...: sees to it that the cache holds Debian 12's own arm64 programs of these packages, with all that they
# depend on and without what is only read by people, and prints the folder: a root for chroot.
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
		# By the private apt's book nothing is installed, so this fetches all that they depend on.
		quietly "$cache/log/debian" apt-get -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::Cache::archives=$new/deb" \
			install --download-only --no-install-recommends -y -t bookworm "$@" || {
			# A version may have left the archive since the lists came: the next run fetches them anew.
			rm -f "$apt_dir/updated"
			die "apt could not download $*; see above, check the network, and try again."
		}
		for package in "$new"/deb/*.deb; do
			dpkg-deb -x "$package" "$new" || die "$package cannot be unpacked; is the disk full?"
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
