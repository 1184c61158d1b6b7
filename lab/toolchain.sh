#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# toolchain.sh N: sees to it that the cache holds gcc-N for arm64 with its binutils, of a Debian newer than the host's, and
# prints the folder that they are unpacked in. They need a newer C library than the host has, so they bring it along:
#
#	usr/bin		the compiler, aarch64-linux-gnu-gcc-N, and its binutils
#	loader		the program loader of their C library
#
# toolchain.sh N FILE...: makes other programs of that Debian use this C library, too.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

compiler=gcc-${1:?usage: toolchain.sh N [FILE...]}
shift
folder=$cache/toolchain/$compiler
libraries=$folder/usr/lib/x86_64-linux-gnu

# Only this release: what depends on what is to be settled within it.
apt_dir=$cache/apt-trixie
apt_sources() {
	echo "deb [signed-by=$apt_keyring arch=amd64] $apt_main trixie main"
}

# adapt FILE...: those that are programs for the host use the unpacked C library from now on. An rpath holds for what the
# libraries themselves need, too; a runpath does not. One that runs just now can't be written to, but replaced.
adapt() {
	for file; do
		[ ! -L "$file" ] || continue
		case $(patchelf --print-interpreter "$file" 2>/dev/null) in
		"$folder/loader") ;;
		*/ld-linux-x86-64.so.2)
			cp -p "$file" "$file.new" &&
				patchelf --force-rpath --set-rpath "$libraries" --set-interpreter "$folder/loader" "$file.new" &&
				mv "$file.new" "$file" || die "$file could not be made to use the C library in $folder; is the disk full?"
			;;
		esac
	done
}

unpack() {
	new=$cache/toolchain/.new
	rm -rf "$new"
	mkdir -p "$new/deb/partial"
	# Nothing is installed by the private apt's book, so this fetches all that the compiler depends on.
	quietly "$cache/log/toolchain" apt-get -o "Dir::Cache::archives=$new/deb" install --download-only --no-install-recommends -y \
		libc6 "$compiler-aarch64-linux-gnu" || {
		# A version may have left the archive since the lists came: the next run fetches them anew.
		rm -f "$apt_dir/updated"
		die "apt could not download $compiler for arm64; see above, check the network, and try again."
	}
	for package in "$new"/deb/*.deb; do
		dpkg-deb -x "$package" "$new" || die "$package cannot be unpacked; is the disk full?"
	done
	rm -rf "$new/deb" "${new:?}/usr/share"
	ln -s usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$new/loader"
	# shellcheck disable=SC2046 # no such name has a space
	adapt $(find "$new/usr/bin" "$new/usr/libexec" "$new/usr/aarch64-linux-gnu/bin" -type f)
	rm -rf "$folder"
	mv "$new" "$folder"
	echo 'int main;' | "$folder/usr/bin/aarch64-linux-gnu-$compiler" -c -x c -o "$cache/toolchain/.try" - && rm "$cache/toolchain/.try" || {
		rm -rf "$folder"
		die "the unpacked $compiler does not run on this host; see above."
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
