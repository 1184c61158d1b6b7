#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest.sh KERNEL-FOLDER: creates the part of the initramfs that all runs of a kernel share, and prints its folder. It contains the
# lab's init, busybox, and the kernel's modules for the virtio channels, the disk, ramoops, LKDTM and test_lockup.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

kernel_dir=${1:?usage: guest.sh KERNEL-FOLDER}

busybox() {
	[ ! -x "$cache/busybox" ] || return 0
	apt_update
	say "guest: fetching busybox"
	rm -rf "$cache/.busybox"
	apt_download "$cache/.busybox" busybox-static:arm64
	dpkg-deb -x "$cache"/.busybox/busybox-static*.deb "$cache/.busybox/root"
	mv "$cache/.busybox/root/bin/busybox" "$cache/busybox"
	rm -rf "$cache/.busybox"
}
locked busybox busybox

base=$out/guest/$(cat "$kernel_dir/version")
fill() {
	mkdir -p "$base/bin" "$base/modules" "$base/dev" "$base/proc" "$base/sys" "$base/tmp"
	cp -u "$cache/busybox" "$base/bin/busybox"
	[ -e "$base/bin/sh" ] || ln -s busybox "$base/bin/sh"
	cp -u "$out/guest/init" "$base/init"
	for name in virtio_mmio virtio_console virtio_blk reed_solomon ramoops lkdtm test_lockup; do
		module=$base/modules/$name.ko
		[ ! -e "$module" ] || continue
		packed=$(find "$kernel_dir/modules/" -name "$name.ko*")
		case $packed in
		'') ;; # built in, or not there
		*.xz) xz -dc "$packed" >"$module.new" && mv "$module.new" "$module" ;;
		*) cp "$packed" "$module.new" && mv "$module.new" "$module" ;;
		esac
	done
}
# Two runs may prepare a guest of the same kernel at the same time.
locked guest fill
echo "$base"
