# SPDX-License-Identifier: GPL-2.0
# Shared by the tests of the packages: links of the pages, and Debian's dkms.
# shellcheck shell=sh disable=SC2154 # the script includes lab/lib.sh and lab/apt.sh first

# links_lead_somewhere FOLDER: each link of a page below FOLDER leads to a file below it.
links_lead_somewhere() {
	(cd "$1" && find . -name '*.md') >"$work/pages"
	[ "$(wc -l <"$work/pages")" -gt 15 ]
	while read -r page; do
		{ grep -o '](\([^)]*\))' "$1/$page" || true; } | sed -e 's/^](//' -e 's/[#)].*$//' | grep -v : | while read -r link; do
			[ -z "$link" ] || [ -e "$1/$(dirname "$page")/$link" ] || echo "$page: there is no $link"
		done
	done <"$work/pages" >"$work/broken"
	[ ! -s "$work/broken" ] || { cat "$work/broken" && return 1; }
}

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
