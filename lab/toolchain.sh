#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# toolchain.sh N [FILE...]: unpacks gcc-N for arm64 and its binutils from a newer Debian than the host's into the cache, and prints
# the folder. The programs need a newer C library than the host's, so the folder contains that library too:
#
#	usr/bin		the compiler, aarch64-linux-gnu-gcc-N, and its binutils
#	loader		the dynamic loader of the C library
#
# It also changes each FILE, a program of that Debian, to use this C library.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

compiler=gcc-${1:?usage: toolchain.sh N [FILE...]}
shift
folder=$cache/toolchain/$compiler
libraries=$folder/usr/lib/x86_64-linux-gnu

# apt must resolve all dependencies within this one release.
apt_dir=$cache/apt-trixie
apt_sources() {
	echo "deb [signed-by=$apt_keyring arch=amd64] $apt_main trixie main"
}

# adapt FILE...: changes those files that are programs for the host to use the unpacked C library. The loader applies an rpath, in
# contrast to a runpath, to the dependencies of libraries too. A running program can't be written, so the file is replaced.
adapt() {
	for file; do
		[ ! -L "$file" ] || continue
		case $(patchelf --print-interpreter "$file" 2>/dev/null) in
		"$folder/loader") ;;
		*/ld-linux-x86-64.so.2)
			cp -p "$file" "$file.new" &&
				patchelf --force-rpath --set-rpath "$libraries" --set-interpreter "$folder/loader" "$file.new" &&
				mv "$file.new" "$file" || die "$file could not be changed to use the C library in $folder; is the disk full?"
			;;
		esac
	done
}

unpack() {
	new=$cache/toolchain/.new
	rm -rf "$new"
	mkdir -p "$new/deb/partial"
	# The private apt has no package installed, so this fetches all dependencies.
	quietly "$cache/log/toolchain" apt-get -o "Dir::Cache::archives=$new/deb" install --download-only --no-install-recommends -y \
		libc6 "$compiler-aarch64-linux-gnu" || {
		# The archive may have dropped this version since the lists were fetched. Make the next run fetch new lists.
		rm -f "$apt_dir/updated"
		die "apt could not download $compiler for arm64 (see above); check the network and try again."
	}
	for package in "$new"/deb/*.deb; do
		dpkg-deb -x "$package" "$new" || die "$package could not be unpacked; is the disk full?"
	done
	rm -rf "$new/deb" "${new:?}/usr/share"
	ln -s usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$new/loader"
	# shellcheck disable=SC2046 # file names without spaces
	adapt $(find "$new/usr/bin" "$new/usr/libexec" "$new/usr/aarch64-linux-gnu/bin" -type f)
	rm -rf "$folder"
	mv "$new" "$folder"
	echo 'int main;' | "$folder/usr/bin/aarch64-linux-gnu-$compiler" -c -x c -o "$cache/toolchain/.try" - && rm "$cache/toolchain/.try" || {
		rm -rf "$folder"
		die "the unpacked $compiler does not run on this host (see above)."
	}
}

provide() {
	if [ ! -e "$folder/loader" ]; then
		apt_update
		say "toolchain: fetching and unpacking $compiler for arm64"
		unpack
	fi
	adapt "$@"
	echo "$folder"
}
locked toolchain provide "$@"
