#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# qemu.sh: unpacks the QEMU of Debian 13 into the cache, and prints its program. Its CPUs have the virtual timer of EL2, which those
# of Debian 12's QEMU lack.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

folder=$cache/qemu/trixie
. "$top/lab/newer.sh"

provide() {
	program=$folder/usr/bin/qemu-system-aarch64
	if [ ! -e "$folder/works" ]; then
		apt_update
		say "qemu: fetching and unpacking the QEMU of Debian 13"
		unpack_newer qemu-system-arm
		adapt "$program"
		"$program" --version >"$folder/version" && mv "$folder/version" "$folder/works" ||
			die "the unpacked QEMU does not run on this host (see above)."
	fi
	echo "$program"
}
locked qemu provide
