# SPDX-License-Identifier: GPL-2.0
# Packages of a newer Debian than the host's, from an apt of their own. Unpacks programs into a folder of the cache. They need a newer C library than the host's, so
# the folder contains that library too, and "loader", its dynamic loader.
# shellcheck shell=sh disable=SC2154 # the script includes lib.sh and apt.sh first, and sets folder

# apt must resolve all dependencies within this one release.
apt_dir=$cache/apt-trixie
apt_sources() {
	echo "deb [signed-by=$apt_keyring arch=amd64,arm64] $apt_main trixie main"
	echo "deb [signed-by=$apt_keyring arch=amd64,arm64] $apt_security trixie-security main"
}

# adapt FILE...: changes those files that are programs for the host to use the C library in $folder. The loader applies an rpath, in
# contrast to a runpath, to the dependencies of libraries too. A running program can't be written, so the file is replaced.
adapt() {
	for file; do
		[ ! -L "$file" ] || continue
		case $(patchelf --print-interpreter "$file" 2>/dev/null) in
		"$folder/loader") ;;
		*/ld-linux-x86-64.so.2)
			cp -p "$file" "$file.new" &&
				patchelf --force-rpath --set-rpath "$folder/usr/lib/x86_64-linux-gnu" --set-interpreter "$folder/loader" "$file.new" &&
				mv "$file.new" "$file" || die "$file could not be changed to use the C library in $folder; is the disk full?"
			;;
		esac
	done
}

# unpack_newer PACKAGE...: unpacks the packages, what they depend on and the C library into $folder, which replaces an older one.
unpack_newer() {
	new=$(dirname "$folder")/.new
	rm -rf "$new"
	mkdir -p "$new/deb/partial"
	# The private apt has no package installed, so this fetches all dependencies.
	quietly "$cache/log/newer" apt-get -o "Dir::Cache::archives=$new/deb" install --download-only --no-install-recommends -y libc6 "$@" || {
		# The archive may have dropped this version since the lists were fetched. Make the next run fetch new lists.
		rm -f "$apt_dir/updated"
		die "apt could not download $* of Debian 13 (see above); check the network and try again."
	}
	for package in "$new"/deb/*.deb; do
		dpkg-deb -x "$package" "$new" || die "$package could not be unpacked; is the disk full?"
	done
	rm -rf "$new/deb" "${new:?}/usr/share"
	ln -s usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$new/loader"
	rm -rf "$folder"
	mv "$new" "$folder"
}
