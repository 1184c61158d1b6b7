#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# root.sh KERNEL: sees to it that the cache holds the disk image of an arm64 Debian 12 with that row of kernels.list installed,
# its headers, and what DKMS builds with, and prints the image's path. Who boots it boots a copy.
#
# The packages come by a private apt; dpkg's own work is done in a guest of the lab. No arm64 program runs on the host, and
# nothing takes root.
set -eu
. "$(dirname "$0")/../lab/lib.sh"
. "$top/lab/apt.sh"
. "$top/packaging/lib.sh"

# In fakeroot: the packages to install, and of them unpacked what dpkg takes to start.
fill() {
	for place in bin sbin lib; do
		mkdir -p "$new/root/usr/$place"
		ln -s "usr/$place" "$new/root/$place"
	done
	for package in $start; do
		dpkg-deb --fsys-tarfile "$folder/deb/$package"_*.deb | tar -x -p --keep-directory-symlink -C "$new/root" ||
			die "$package cannot be unpacked; is the disk full?"
	done
	mkdir -p "$new/root/var/lib/dpkg/info" "$new/root/var/lib/dpkg/updates" "$new/root/packages"
	: >"$new/root/var/lib/dpkg/status"
	: >"$new/root/var/lib/dpkg/available"
	echo arm64 >"$new/root/var/lib/dpkg/arch"
	echo lab >"$new/root/etc/hostname"
	cp "$folder"/deb/*.deb "$new/root/packages/"
	/sbin/mke2fs -q -t ext4 -L root -E lazy_itable_init=1 -d "$new/root" "$new/disk" "${size}M"
}
if [ "${1:-}" = --fill ]; then
	fill
	exit
fi

kernel=${1:?usage: root.sh KERNEL}
kernel_dir=$(sh "$top/lab/kernel.sh" "$kernel")
version=$(cat "$kernel_dir/version")
folder=$cache/package
size=4096 # MiB, of which a sparse file takes a third

# root_apt ARGUMENT...: nothing is installed by its book, so an installation is the whole root.
root_apt() {
	apt-get -o APT::Architecture=arm64 -o "Dir::Cache::archives=$folder/deb" --no-install-recommends -y "$@" \
		'?essential' usr-is-merged
}

packages() {
	root_apt "$@" apt dkms gcc make libjson-c5 "linux-image-$version" "linux-headers-$version"
}

make_root() {
	new=$folder/.new
	rm -rf "$new"
	mkdir -p "$new/root" "$new/payload"
	say "package: unpacking an arm64 Debian 12 with kernel $version"
	# What dpkg takes to start. To unpack a file where there is one already takes long.
	start=$(root_apt -s install | sed -n 's/^Inst \([^ ]*\).*/\1/p')
	export new folder size start
	quietly "$cache/log/package-root" fakeroot sh "$top/packaging/root.sh" --fill ||
		die "the disk image cannot be filled; see above, and whether the disk is full."
	rm -rf "$new/root"
	cp "$top/packaging/root-guest.sh" "$new/payload/main"
	disk_payload "$kernel_dir" "$new/payload"
	say "package: installing it in a guest, which takes some twenty minutes and is kept"
	quietly "$cache/log/package-root" sh "$top/lab/boot.sh" -o "$new/run" -k "$kernel" -c 1 -m 2048 -t 5400 -d "$new/disk" \
		"$new/payload" || true
	ending=$(cat "$new/run/exit" 2>/dev/null || echo nothing)
	[ "$ending" = end ] && grep -qx 'ok 1 root' "$new/run/result" ||
		die "the arm64 root could not be installed (the run ended with: $ending); see $new/run/result and $new/run/console."
	mv "$new/disk" "$image"
	rm -rf "$new"
}

provide() {
	mkdir -p "$folder/deb/partial"
	arm64_apt bookworm
	# Names and versions of all packages, and how they are installed, make the name.
	packages -s install >"$cache/log/package-apt" 2>&1 ||
		die "apt cannot settle what the arm64 root consists of; see $cache/log/package-apt."
	key=$({
		grep '^Inst ' "$cache/log/package-apt" | sort
		cat "$top/packaging/root.sh" "$top/packaging/root-guest.sh"
	} | cksum | cut -d ' ' -f 1)
	image=$folder/root-$version-$key.ext4
	[ ! -e "$image" ] || return 0
	say "package: fetching the packages of the arm64 root"
	rm -f "$folder"/deb/*.deb
	quietly "$cache/log/package-apt" packages --download-only install || {
		# A version may have left the archive since the lists came: the next run fetches them anew.
		rm -f "$apt_dir/updated"
		die "apt could not download the arm64 root's packages; see above, check the network, and try again."
	}
	make_root
	rm -rf "$folder/deb"
	find "$folder" -name "root-$version-*.ext4" ! -path "$image" -delete
}

locked package provide
ls "$folder/root-$version"-*.ext4
