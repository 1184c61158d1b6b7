#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# toolchain.sh N [FILE...]: unpacks gcc-N for arm64 and its binutils from a newer Debian than the host's into the cache, and prints
# the folder (lab/newer.sh). usr/bin there has the compiler, aarch64-linux-gnu-gcc-N, and its binutils. It also changes each FILE, a
# program of that Debian, to use the folder's C library.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

compiler=gcc-${1:?usage: toolchain.sh N [FILE...]}
shift
folder=$cache/toolchain/$compiler
. "$top/lab/newer.sh"

provide() {
	if [ ! -e "$folder/works" ]; then
		apt_update
		say "toolchain: fetching and unpacking $compiler for arm64"
		unpack_newer "$compiler-aarch64-linux-gnu"
		# shellcheck disable=SC2046 # file names without spaces
		adapt $(find "$folder/usr/bin" "$folder/usr/libexec" "$folder/usr/aarch64-linux-gnu/bin" -type f)
		echo 'int main;' | "$folder/usr/bin/aarch64-linux-gnu-$compiler" -c -x c -o "$folder/works" - ||
			die "the unpacked $compiler does not run on this host (see above)."
	fi
	adapt "$@"
	echo "$folder"
}
locked toolchain provide "$@"
