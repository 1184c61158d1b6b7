#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh [FOLDER]: make package-rpm. Builds the source RPMs and the RPMs for arm64 in FOLDER (default: out/package-rpm), from the
# tarball of make dist, and checks them with rpmlint. On arm64 it only runs rpmbuild; elsewhere it uses the lab's cross compiler and
# unpacks the libraries for arm64 into the cache. The same sources, tools and folder give the same bytes.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/lab/apt.sh"
. "$top/packaging/lib.sh"
. "$top/packaging/tree.sh"

arch=$(dpkg --print-architecture 2>/dev/null) || die "make package-rpm needs a Debian host: dpkg is missing. Elsewhere, run rpmbuild -ta on the tarball of make dist."
[ "$arch" = arm64 ] || sh "$top/lab/host.sh"
sh "$top/lab/host.sh" "$top/packaging/rpm/host.packages"

version=$(cat "$top/VERSION")
# A folder of the caller's own needs no lock.
[ $# != 0 ] || alone
package=${1:-$out/package-rpm}
rm -rf "$package"
mkdir -p "$package"
package=$(cd "$package" && pwd)
work=$package/.work
mkdir -p "$work/SOURCES" "$work/SPECS"
SOURCE_DATE_EPOCH=$(tree_date)
export SOURCE_DATE_EPOCH
sh "$top/packaging/dist.sh" "$work/SOURCES" >/dev/null
for name in sdei-nmi sdei-nmi-kmod; do
	sh "$top/packaging/rpm/spec.sh" $name >"$work/SPECS/$name.spec"
done

# build OPTION NAME DEFINITION...: runs rpmbuild on this spec. Debian has no database of RPMs, so the needs of the build are not
# checked. Debian's brp-compress needs bash although it names sh, and brp-strip leaves the symbols.
build() {
	build_option=$1
	build_spec=$work/SPECS/$2.spec
	shift 2
	set -- "_topdir $work" "_dbpath $work/db" '_buildhost localhost' '_docdir_fmt %%{NAME}' 'use_source_date_epoch_as_buildtime 1' \
		'clamp_mtime_to_source_date_epoch 1' '__os_install_post bash /usr/lib/rpm/brp-compress && find "%{buildroot}/usr/sbin" -type f -exec %{__strip} {} +' "$@"
	for build_definition; do
		set -- "$@" --define "$build_definition"
		shift
	done
	rpmbuild "$build_option" --nodeps --target aarch64 "$@" "$build_spec"
}

# cross_build OPTION NAME: the same with the cross compiler.
cross_build() {
	CPPFLAGS=-I$sysroot/usr/include PKG_CONFIG=pkg-config PKG_CONFIG_SYSROOT_DIR=$sysroot \
		PKG_CONFIG_LIBDIR=$sysroot/usr/lib/aarch64-linux-gnu/pkgconfig build "$@" '__cc aarch64-linux-gnu-gcc' \
		'__strip aarch64-linux-gnu-strip' "build_ldflags $sysroot_flags"
}

say "package: building version $version as RPM"
if [ "$arch" = arm64 ]; then
	quietly "$package/log" build -ba sdei-nmi
else
	arm64_libraries
	quietly "$package/log" cross_build -ba sdei-nmi
fi || die "the packages do not build (see above, and $package/log)."
quietly "$package/log-kmod" build -bs sdei-nmi-kmod || die "the source package for akmods does not build (see above, and $package/log-kmod)."
find "$work/RPMS" "$work/SRPMS" -name '*.rpm' -exec mv {} "$package/" \;
# lint PACKAGE...: rpmlint mixes up the specs of two source packages, so it gets only one.
lint() {
	quietly "$package/rpmlint" rpmlint --strict -c "$top/packaging/rpm/rpmlint.toml" "$@" || die "rpmlint reports errors or warnings (see above)."
}

lint "$package/sdei-nmi-kmod-$version"-*.src.rpm
lint "$package/sdei-nmi-$version"-*.src.rpm "$package"/*.noarch.rpm "$package"/*.aarch64.rpm
rm -rf "$work"
ls "$package"/*.rpm
