# SPDX-License-Identifier: GPL-2.0
# Shared by the packaging scripts: a private apt for arm64 that resolves all dependencies within one release.
# shellcheck shell=sh disable=SC2034,SC2154 # the script includes lab/lib.sh and lab/apt.sh first

apt_sources() {
	echo "deb [signed-by=$apt_keyring arch=arm64] $apt_main $release main"
	echo "deb [signed-by=$apt_keyring arch=arm64] $apt_security $release-security main"
}

# arm64_apt RELEASE: updates the lists of RELEASE, and makes apt-get and apt-cache use them.
arm64_apt() {
	release=$1
	apt_dir=$cache/apt-arm64-$release
	apt_update
}

# disk_payload KERNEL-FOLDER PAYLOAD: copies disk.sh and the modules that it loads into PAYLOAD.
disk_payload() {
	mkdir -p "$2/disk"
	cp "$top/packaging/disk.sh" "$2/"
	for disk_module in virtio_blk crc16 mbcache jbd2 crc32c_generic ext4 nls_cp437 nls_ascii nls_iso8859-1 fat vfat; do
		disk_packed=$(find "$1/modules/" -name "$disk_module.ko*")
		case $disk_packed in
		'') ;; # built in
		*.xz) xz -dc "$disk_packed" >"$2/disk/$disk_module.ko" ;;
		*) cp "$disk_packed" "$2/disk/$disk_module.ko" ;;
		esac
	done
}
