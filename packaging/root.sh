#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# root.sh KERNEL: creates a disk image in the cache and prints its path. The image has an arm64 Debian 12 as people install it: an EFI
# system partition with shim and GRUB, a root, a swap partition, systemd, Debian 12's own kernel, its headers, and the build tools
# of DKMS. /packages on its root is a repository with what the tests install, among it the kernel of that row of kernels.list. Boot
# only copies of the image.
#
# A private apt fetches the packages, and dpkg runs in a guest of the lab. So the host runs no arm64 program, and the script needs
# no root privileges.
set -eu
. "$(dirname "$0")/../lab/lib.sh"
. "$top/lab/apt.sh"
. "$top/packaging/lib.sh"

# fill: runs in fakeroot. Makes the image with all packages in /packages, and unpacks only those that dpkg itself needs.
fill() {
	for place in bin sbin lib; do
		mkdir -p "$new/root/usr/$place"
		ln -s "usr/$place" "$new/root/$place"
	done
	for package in $start; do
		dpkg-deb --fsys-tarfile "$folder/deb/$package"_*.deb | tar -x -p --keep-directory-symlink -C "$new/root" ||
			die "$package could not be unpacked; is the disk full?"
	done
	mkdir -p "$new/root/var/lib/dpkg/info" "$new/root/var/lib/dpkg/updates" "$new/root/packages" "$new/root/boot/efi"
	: >"$new/root/var/lib/dpkg/status"
	: >"$new/root/var/lib/dpkg/available"
	echo arm64 >"$new/root/var/lib/dpkg/arch"
	cp "$folder"/deb/*.deb "$new/root/packages/"
	(cd "$new/root/packages" && dpkg-scanpackages -m . 2>/dev/null >Packages) || die "the packages of the disk can't be listed."
	cp -r "$top/packaging/system/." "$new/root/"
	truncate -s "$((efi + size + swap + 2))M" "$new/disk"
	printf '%s\n' 'label: gpt' "start=1MiB, size=${efi}MiB, type=U" "size=${size}MiB, type=L" "size=${swap}MiB, type=S" | /sbin/sfdisk -q "$new/disk"
	/sbin/mke2fs -q -t ext4 -L root -E "lazy_itable_init=1,offset=$(((efi + 1) * 1048576))" -d "$new/root" "$new/disk" "${size}M"
}

efi=64 size=6144 swap=2304 # MiB; the sparse file takes a third of it
if [ "${1:-}" = --fill ]; then
	fill
	exit
fi

kernel=${1:?usage: root.sh KERNEL}
sh "$top/lab/host.sh" "$top/packaging/host.packages"
kernel_dir=$(sh "$top/lab/kernel.sh" "$kernel")
version=$(cat "$kernel_dir/version")
# The kernel of a fresh installation.
first=$(cat "$(sh "$top/lab/kernel.sh" 6.1)/version")
folder=$cache/package

# root_apt ARGUMENT...: runs apt-get. The private apt has no package installed, so an installation is a whole system.
root_apt() {
	apt-get -o APT::Architecture=arm64 -o "Dir::Cache::archives=$folder/deb" --no-install-recommends -y "$@" \
		'?essential' usr-is-merged
}

# installed ARGUMENT...: runs apt-get for the packages that the system has.
installed() {
	root_apt "$@" apt systemd-sysv udev dbus kmod initramfs-tools zstd dosfstools e2fsprogs grub-efi-arm64 grub-efi-arm64-signed \
		shim-signed dkms gcc make libc6-dev libdw1 libjson-c5 libncursesw6 libsmartcols1 "linux-image-$first" "linux-headers-$first"
}

# offered ARGUMENT...: the same for these and the packages that the tests install.
offered() {
	installed "$@" kdump-tools makedumpfile kexec-tools mokutil openssl efitools sbsigntool linux-headers-arm64 "linux-image-$version" "linux-headers-$version"
}

make_root() {
	new=$folder/.new
	rm -rf "$new"
	mkdir -p "$new/root" "$new/payload"
	say "package: unpacking an arm64 Debian 12 with kernel $first"
	# Unpack only the packages that dpkg itself needs: dpkg is slow where files exist already.
	start=$(root_apt -s install | sed -n 's/^Inst \([^ ]*\).*/\1/p')
	export new folder start
	quietly "$cache/log/package-root" fakeroot sh "$top/packaging/root.sh" --fill ||
		die "the disk image could not be filled (see above); is the disk full?"
	rm -rf "$new/root"
	cp "$top/packaging/root-guest.sh" "$new/payload/main"
	installed -s install | sed -n 's/^Inst \([^ ]*\).*/\1/p' >"$new/payload/installed"
	disk_payload "$kernel_dir" "$new/payload"
	say "package: installing it in a guest, which takes long; the cache keeps the result"
	quietly "$cache/log/package-root" sh "$top/lab/boot.sh" -o "$new/run" -k "$kernel" -c 1 -m 2048 -t 7200 -d "$new/disk" \
		"$new/payload" || true
	ending=$(cat "$new/run/exit" 2>/dev/null || echo nothing)
	[ "$ending" = end ] && grep -qx 'ok 1 root' "$new/run/result" ||
		die "the arm64 system could not be installed (the run ended with: $ending); see $new/run/result and $new/run/console."
	mv "$new/disk" "$image"
	rm -rf "$new"
}

provide() {
	mkdir -p "$folder/deb/partial"
	arm64_apt bookworm
	# The image's name depends on the names and versions of all packages and on the code that installs them.
	offered -s install >"$cache/log/package-apt" 2>&1 ||
		die "apt can't resolve the packages of the arm64 system; see $cache/log/package-apt."
	key=$({
		grep '^Inst ' "$cache/log/package-apt" | sort
		sed '/^[[:space:]]*#/d' "$top/packaging/root.sh" "$top/packaging/root-guest.sh"
		find "$top/packaging/system" -type f | LC_ALL=C sort | xargs cat
	} | cksum | cut -d ' ' -f 1)
	image=$folder/root-$version-$key.img
	[ ! -e "$image" ] || return 0
	say "package: fetching the packages of the arm64 system"
	rm -f "$folder"/deb/*.deb
	quietly "$cache/log/package-apt" offered --download-only install || {
		# The archive may have dropped this version since the lists were fetched. Make the next run fetch new lists.
		rm -f "$apt_dir/updated"
		die "apt could not download the packages of the arm64 system (see above); check the network and try again."
	}
	make_root
	rm -rf "$folder/deb"
	find "$folder" -name "root-$version-*" ! -path "$image" -delete
}

locked package provide
ls "$folder/root-$version"-*.img
