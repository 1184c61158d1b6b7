# SPDX-License-Identifier: GPL-2.0
# For the guest that installs the system: mounts the disk's root and runs its programs. The guest itself stays in the initramfs.
# shellcheck shell=sh

# disk_mount: mounts the root at /disk. A module that is missing in /payload/disk is built into the kernel.
disk_mount() {
	for disk_module in virtio_blk crc16 mbcache jbd2 crc32c_generic ext4 nls_cp437 nls_ascii nls_iso8859-1 fat vfat; do
		[ ! -e /payload/disk/$disk_module.ko ] || insmod /payload/disk/$disk_module.ko || return 1
	done
	mkdir -p /disk
	# The disk's content need not survive a crash of the guest.
	mount -t ext4 -o noatime,nobarrier,noauto_da_alloc,data=writeback /dev/vda2 /disk || return 1
	for disk_place in proc sys dev; do
		mount -o bind /$disk_place /disk/$disk_place || return 1
	done
	# There is no udev to create this link. bash needs it for <(...), which dkms uses.
	ln -sf /proc/self/fd /dev/fd
	mkdir -p /dev/pts
	mount -t devpts -o ptmxmode=666 devpts /disk/dev/pts || return 1
}

disk_unmount() {
	for disk_place in boot/efi dev/pts proc sys dev; do
		umount /disk/$disk_place || return 1
	done
	umount /disk
}

inside() {
	chroot /disk /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true "$@"
}
