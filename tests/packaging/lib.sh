# SPDX-License-Identifier: GPL-2.0
# Shared by the tests of the packages: Debian's dkms.
# shellcheck shell=sh disable=SC2154 # the script includes lab/lib.sh and lab/apt.sh first

# debian_dkms: provides Debian's dkms without installing it, and sets dkms_root to the folder of its files.
debian_dkms() {
	apt_update
	dkms_root=$cache/package/dkms-$(apt-cache policy dkms | sed -n 's/^  Candidate: //p')
	[ -e "$dkms_root" ] || locked package-dkms fetch_dkms
}

fetch_dkms() {
	dkms_new=$cache/package/.dkms
	rm -rf "$dkms_new"
	apt_download "$dkms_new/deb" dkms
	dpkg-deb -x "$dkms_new"/deb/dkms_*.deb "$dkms_new" || die "dkms could not be unpacked; is the disk full?"
	rm -rf "$dkms_new/deb" "$dkms_root"
	mv "$dkms_new" "$dkms_root"
}
