# SPDX-License-Identifier: GPL-2.0
# The guest's part of root.sh: installs the packages that /payload/installed names, with the dpkg of the disk, and makes the disk
# bootable.
# shellcheck shell=sh

exec 1>&3 2>&1
. /payload/disk.sh

# uuid PARTITION
uuid() {
	inside blkid -s UUID -o value "$1"
}

prepare() {
	# Keep packages from starting services.
	printf '#!/bin/sh\nexit 101\n' >/disk/usr/sbin/policy-rc.d
	chmod +x /disk/usr/sbin/policy-rc.d
	inside mkswap -q /dev/vda3 || return 1
	# There is no udev to create this link, by which GRUB names the root by its UUID.
	mkdir -p /dev/disk/by-uuid
	ln -s ../../vda2 "/dev/disk/by-uuid/$(uuid /dev/vda2)"
	{
		echo "UUID=$(uuid /dev/vda2) / ext4 errors=remount-ro 0 1"
		echo "UUID=$(uuid /dev/vda3) none swap sw 0 0"
	} >/disk/etc/fstab
	mkdir -p /disk/etc/initramfs-tools/conf.d
	echo "RESUME=UUID=$(uuid /dev/vda3)" >/disk/etc/initramfs-tools/conf.d/resume
}

install() {
	# These two create the users and the base folders that other packages need. dpkg orders the rest itself.
	set --
	while read -r package; do
		for file in /disk/packages/"$package"_*.deb; do
			set -- "$@" "${file#/disk}"
		done
	done </payload/installed
	inside sh -ec '
		dpkg --force-depends --force-unsafe-io --install /packages/base-passwd_*.deb
		dpkg --force-depends --force-unsafe-io --install /packages/base-files_*.deb' || return 1
	inside dpkg --force-depends --force-unsafe-io --unpack "$@" || return 1
	inside dpkg --force-unsafe-io --configure --pending || return 1
	inside apt-get check
}

# Debian's installer does the same: shim and GRUB for the firmware's own entry, and for the path of removable disks.
bootable() {
	inside mkfs.vfat -n EFI /dev/vda1 || return 1
	mount -t vfat /dev/vda1 /disk/boot/efi || return 1
	echo "UUID=$(uuid /dev/vda1) /boot/efi vfat umask=0077 0 1" >>/disk/etc/fstab
	cat >/disk/etc/default/grub <<-'END'
		GRUB_DEFAULT=0
		GRUB_TIMEOUT=0
		GRUB_DISTRIBUTOR=Debian
		# Longer limits, so that a slow host alone does not cause reports of stalls. For arm64.nolva see docs/lab.md.
		GRUB_CMDLINE_LINUX="console=ttyAMA0 log_buf_len=16M rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60 arm64.nolva"
	END
	inside grub-install --target=arm64-efi --efi-directory=/boot/efi --bootloader-id=debian --uefi-secure-boot --force-extra-removable --no-nvram || return 1
	inside update-grub || return 1
	rm /disk/usr/sbin/policy-rc.d
}

echo "KTAP version 1"
echo "1..1"
if disk_mount && prepare && install && bootable && disk_unmount; then
	echo "ok 1 root"
else
	echo "not ok 1 root"
fi
