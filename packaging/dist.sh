#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dist.sh [FOLDER]: make dist. Makes sdei-nmi-VERSION.tar.xz in FOLDER (default: out/dist). The tarball has all files of the tree, the
# RPM spec with the version filled in, which "rpmbuild -ta" looks for, and the date of the sources. The same sources and the same xz
# give the same bytes, also if the script runs in an unpacked tarball. The date is SOURCE_DATE_EPOCH; without it, that of the last
# commit, or that in the tarball.
set -eu
. "$(dirname "$0")/../lab/lib.sh"
. "$top/packaging/tree.sh"

version=$(cat "$top/VERSION")
dist=${1:-$out/dist}
name=sdei-nmi-$version
work=$dist/.work
rm -rf "$work"
mkdir -p "$work"
copy_tree "$work/$name"
date=$(tree_date)
echo "$date" >"$work/$name/$date_file"
sh "$top/packaging/rpm/spec.sh" sdei-nmi >"$work/$name/sdei-nmi.spec"
(cd "$work" && LC_ALL=C tar -c --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$date" "$name") >"$work/tar" &&
	xz -9 -T1 <"$work/tar" >"$work/xz" || die "the tarball could not be written; is the disk full? Are tar and xz installed?"
mv "$work/xz" "$dist/$name.tar.xz"
if [ -e "$top/.git" ]; then
	private="so do not publish the tarball under this name. It is fine for your own machines."
	if ! git -C "$top" describe --exact-match --match "v$version" HEAD >/dev/null 2>&1; then
		say "dist: this commit is not the release $version (it has no tag v$version), $private"
	elif [ -n "$(git -C "$top" status --porcelain -unormal)" ]; then
		say "dist: the tree has files that are not those of the release $version (git status lists them), $private"
	fi
fi
rm -rf "$work"
ls "$dist/$name.tar.xz"
