# SPDX-License-Identifier: GPL-2.0
# Shared by the packaging scripts: a private apt for arm64 that resolves all dependencies within one release, and the libraries that
# the tool is cross-built with.
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

arm64_library_packages='libjson-c-dev:arm64 libjson-c5:arm64 libncurses-dev:arm64 libncursesw6:arm64 libtinfo6:arm64 libsmartcols-dev:arm64 libsmartcols1:arm64 libc6:arm64'

# arm64_libraries: provides the tool's libraries for arm64, from the host's release, and sets sysroot to their folder and sysroot_flags
# to the linker's flags for them.
arm64_libraries() {
	arm64_apt "$(. /etc/os-release && echo "$VERSION_CODENAME")"
	# libdw, and the libraries that it is linked with. Their packages differ between releases.
	arm64_library_packages="$arm64_library_packages $(apt-cache depends --recurse -i libdw-dev:arm64 |
		grep -xE '(lib(bz2|dw|elf|lzma|zstd)|zlib)[^ ]*:arm64' | paste -sd ' ')"
	# shellcheck disable=SC2086 # a list of packages
	libraries_versions=$(apt-cache policy $arm64_library_packages | sed -n 's/^  Candidate: //p')
	sysroot=$cache/package/libraries-$(echo "$libraries_versions" | cksum | cut -d ' ' -f 1)
	[ -e "$sysroot" ] || locked package-libraries fetch_libraries
	# The linker looks for the libraries of a library in the second list.
	sysroot_folders="$sysroot/usr/lib/aarch64-linux-gnu $sysroot/lib/aarch64-linux-gnu"
	sysroot_flags="-L${sysroot_folders% *} -L${sysroot_folders#* } -Wl,-rpath-link=${sysroot_folders% *}:${sysroot_folders#* }"
}

fetch_libraries() {
	say "package: fetching the libraries for arm64"
	libraries_new=$cache/package/.libraries
	rm -rf "$libraries_new"
	# shellcheck disable=SC2086 # a list of packages
	apt_download "$libraries_new/deb" $arm64_library_packages
	for libraries_deb in "$libraries_new"/deb/*.deb; do
		dpkg-deb -x "$libraries_deb" "$libraries_new" || die "$libraries_deb could not be unpacked; is the disk full?"
		# dpkg-shlibdeps reads from this file which package provides a library.
		mkdir "$libraries_new/control"
		dpkg-deb -e "$libraries_deb" "$libraries_new/control"
		[ ! -e "$libraries_new/control/shlibs" ] || cat "$libraries_new/control/shlibs" >>"$libraries_new/shlibs"
		rm -r "$libraries_new/control"
	done
	# Absolute links are for a system on which the package is installed.
	find "$libraries_new" -type l -lname '/*' | while read -r libraries_link; do
		ln -sf "$sysroot$(readlink "$libraries_link")" "$libraries_link"
	done
	rm -rf "$libraries_new/deb" "$sysroot"
	mv "$libraries_new" "$sysroot"
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
