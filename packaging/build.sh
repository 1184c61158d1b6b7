#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh: the Debian source package and, of it, those of both modules and sdei-nmi-tools for arm64, into out/package, held against
# lintian. The tree and the host's /usr stay as they are. On arm64 it is dpkg-buildpackage and no more; elsewhere the compiler is
# the lab's own, and the libraries for arm64 lie unpacked in the cache.
set -eu
. "$(dirname "$0")/../lab/lib.sh"
. "$top/lab/apt.sh"
. "$top/packaging/lib.sh"

arch=$(dpkg --print-architecture 2>/dev/null) || die "the packages are Debian's kind, and so has to be the host that builds them."
[ "$arch" = arm64 ] || sh "$top/lab/host.sh"
sh "$top/lab/host.sh" "$top/packaging/host.packages"

version=$(cat "$top/VERSION")
package=$out/package
work=$package/.work
source=$work/sdei-nmi-$version

# libraries: what the tool is linked with, for arm64, of the host's release, as its C library is. Sets sysroot.
libraries() {
	arm64_apt "$(. /etc/os-release && echo "$VERSION_CODENAME")"
	versions=$(apt-cache policy libjson-c-dev:arm64 libjson-c5:arm64 libc6:arm64 | sed -n 's/^  Candidate: //p')
	sysroot=$cache/package/libraries-$(echo "$versions" | cksum | cut -d ' ' -f 1)
	[ -e "$sysroot" ] || locked package-libraries fetch_libraries
}

fetch_libraries() {
	say "package: fetching the libraries for arm64"
	new=$cache/package/.libraries
	rm -rf "$new"
	apt_download "$new/deb" libjson-c-dev:arm64 libjson-c5:arm64 libc6:arm64
	for deb in "$new"/deb/*.deb; do
		dpkg-deb -x "$deb" "$new" || die "$deb cannot be unpacked; is the disk full?"
		# Which package a program depends on that is linked with it is told by the package itself.
		mkdir "$new/control"
		dpkg-deb -e "$deb" "$new/control"
		[ ! -e "$new/control/shlibs" ] || cat "$new/control/shlibs" >>"$new/shlibs"
		rm -r "$new/control"
	done
	rm -rf "$new/deb" "$sysroot"
	mv "$new" "$sysroot"
}

alone
# What is in git, or is about to be, and nothing that lies about.
rm -rf "$package"
mkdir -p "$source"
(cd "$top" && git ls-files -co --exclude-standard Makefile LICENSE README.md VERSION driver validate tool packaging | while read -r file; do
	[ ! -e "$file" ] || echo "$file"
done | tar -c -T - -f -) | tar -x -C "$source" || die "the source tree cannot be copied; is the disk full, and git installed?"
mv "$source/packaging/debian" "$source/debian"
sh "$top/packaging/changelog.sh" >"$source/debian/changelog"
# One commit gives one source package.
date=$(dpkg-parsechangelog -l "$source/debian/changelog" -S Timestamp)
find "$source" -exec touch -h -d "@$date" {} +

# build COMMAND...: in the source tree, with nothing of the make that called us.
build() {
	(cd "$source" && "$@")
}

say "package: building version $version"
quietly "$package/log" build dpkg-buildpackage -us -uc -S -d || die "the source package cannot be built; see above."
if [ "$arch" = arm64 ]; then
	quietly "$package/log" build dpkg-buildpackage -us -uc -b
else
	libraries
	cp "$sysroot/shlibs" "$source/debian/shlibs.local"
	quietly "$package/log" build env DEB_BUILD_OPTIONS=nocheck "SYSROOT=$sysroot" DEB_CPPFLAGS_APPEND="-I$sysroot/usr/include" \
		DEB_LDFLAGS_APPEND="-L$sysroot/usr/lib/aarch64-linux-gnu" PKG_CONFIG=pkg-config PKG_CONFIG_SYSROOT_DIR="$sysroot" \
		PKG_CONFIG_LIBDIR="$sysroot/usr/lib/aarch64-linux-gnu/pkgconfig" dpkg-buildpackage -us -uc -b -aarm64 -d
fi || die "the packages do not build; see above, and all of it in $package/log."
quietly "$package/lintian" lintian --fail-on error,warning --tag-display-limit 0 "$work"/*.changes ||
	die "lintian finds fault with the packages; see above."
mv "$work"/*.dsc "$work"/*.tar.* "$work"/*.deb "$package/"
rm -rf "$work"
ls "$package"/*.dsc "$package"/*.deb
