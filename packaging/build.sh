#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh: make package. Builds the Debian source package and the binary packages for arm64 into out/package, and checks them with
# lintian. It does not change the source tree. On arm64 it only runs dpkg-buildpackage; elsewhere it uses the lab's cross compiler
# and unpacks the libraries for arm64 into the cache. On amd64 it also builds the tool's package for the host.
set -eu
. "$(dirname "$0")/../lab/lib.sh"
. "$top/lab/apt.sh"
. "$top/packaging/lib.sh"
. "$top/packaging/tree.sh"

arch=$(dpkg --print-architecture 2>/dev/null) || die "make package needs a Debian host: dpkg is missing."
[ "$arch" = arm64 ] || sh "$top/lab/host.sh"
sh "$top/lab/host.sh" "$top/packaging/host.packages"

version=$(cat "$top/VERSION")
package=$out/package
work=$package/.work
source=$work/sdei-nmi-$version

alone
rm -rf "$package"
debian_source "$source"
# Fixed times, so that the same commit gives the same source package.
date=$(dpkg-parsechangelog -l "$source/debian/changelog" -S Timestamp)
find "$source" -exec touch -h -d "@$date" {} +

# build COMMAND...: runs COMMAND in the copied source tree.
build() {
	(cd "$source" && "$@")
}

# native: builds the tool's package for the host. Nothing of the cross build may be left.
native() {
	rm -r "$source/out" "$source/debian/shlibs.local"
	quietly "$package/log" build env DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc -B
}

say "package: building version $version"
quietly "$package/log" build dpkg-buildpackage -us -uc -S -d || die "the source package does not build (see above)."
if [ "$arch" = arm64 ]; then
	quietly "$package/log" build dpkg-buildpackage -us -uc -b
else
	arm64_libraries
	cp "$sysroot/shlibs" "$source/debian/shlibs.local"
	quietly "$package/log" build env DEB_BUILD_OPTIONS=nocheck "SYSROOT=$sysroot" DEB_CPPFLAGS_APPEND="-I$sysroot/usr/include" \
		DEB_LDFLAGS_APPEND="$sysroot_flags" PKG_CONFIG=pkg-config PKG_CONFIG_SYSROOT_DIR="$sysroot" \
		PKG_CONFIG_LIBDIR="$sysroot/usr/lib/aarch64-linux-gnu/pkgconfig" dpkg-buildpackage -us -uc -b -aarm64 -d &&
		{ [ "$arch" != amd64 ] || native; }
fi || die "the packages do not build (see above, and $package/log)."
quietly "$package/lintian" lintian --fail-on error,warning --tag-display-limit 0 "$work"/*.changes ||
	die "lintian reports errors or warnings (see above)."
mv "$work"/*.dsc "$work"/*.tar.* "$work"/*.deb "$package/"
rm -rf "$work"
ls "$package"/*.dsc "$package"/*.deb
