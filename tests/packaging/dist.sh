#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dist.sh: tests make dist: the same sources give the same tarball, from a checkout and from an unpacked tarball, and the unpacked
# tarball builds without git. Runs on the host and prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"
. "$top/packaging/tree.sh"

work=$out/packaging/dist
version=$(cat "$top/VERSION")
tarball=$work/first/sdei-nmi-$version.tar.xz
tree=$work/sdei-nmi-$version

# make_dist TREE FOLDER: puts the tarball of TREE into FOLDER of $work.
make_dist() {
	sh "$1/packaging/dist.sh" "$work/$2" >/dev/null
}

dist_repeats() {
	(umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 make_dist "$top" second)
	cmp "$tarball" "$work/second/${tarball##*/}"
}

# The times and modes of the unpacked files do not count, and git does not run.
dist_repeats_outside_git() {
	copy=$work/copy
	rm -rf "$copy"
	(umask 027 && cp -r "$tree" "$copy")
	mkdir -p "$copy/out/module"
	: >"$copy/out/module/left"
	PATH=$work/bin:$PATH make_dist "$copy" third
	cmp "$tarball" "$work/third/${tarball##*/}"
	rm "$copy/packaging/date"
	! PATH=$work/bin:$PATH make_dist "$copy" fourth || return 1
}

# warns TEXT: make dist of the checkout says this line and no other; nothing, if there is no text.
warns() {
	sh "$tagged/packaging/dist.sh" "$work/tagged" 2>&1 >/dev/null | grep '^dist: ' >"$work/warnings" || true
	cat "$work/warnings"
	[ "$(cat "$work/warnings")" = "${1:+dist: $1, so do not publish the tarball under this name. It is fine for your own machines.}" ]
}

in_tagged() {
	bare_git -C "$tagged" "$@"
}

# A tarball has the name of the release, so make dist says if it is not the release.
dist_says_what_is_not_the_release() {
	tagged=$work/tagged-tree
	rm -rf "$tagged"
	copy_tree "$tagged"
	in_tagged -c init.defaultBranch=main init -q
	in_tagged add -A
	in_tagged commit -q -m release
	warns "this commit is not the release $version (it has no tag v$version)"
	in_tagged tag -a -m release "v$version"
	warns ''
	changed="the tree has files that are not those of the release $version (git status lists them)"
	in_tagged config status.showUntrackedFiles no
	: >"$tagged/untracked"
	warns "$changed"
	rm "$tagged/untracked"
	echo >>"$tagged/README.md"
	warns "$changed"
}

# listed: lists the tarball, with owners and dates.
listed() {
	TZ=UTC tar -t -v --numeric-owner --full-time -f "$1"
}

dist_has_one_owner_and_date() {
	listed "$tarball" | awk '{ print $2, $4, $5 }' | sort -u >"$work/dates"
	echo "0/0 $(date -u -d "@$(tree_date)" '+%Y-%m-%d %H:%M:%S')" | diff - "$work/dates"
	SOURCE_DATE_EPOCH=1000000000 make_dist "$top" dated
	listed "$work/dated/${tarball##*/}" | awk '{ print $2, $4, $5 }' | sort -u >"$work/dates"
	echo '0/0 2001-09-09 01:46:40' | diff - "$work/dates"
}

dist_has_whole_tree() {
	if [ -e "$top/.git" ]; then
		git -C "$top" ls-files
	else
		(cd "$top" && find . -path ./out -prune -o ! -type d -print)
	fi | while read -r file; do
		# git also lists files that were removed.
		[ ! -e "$top/$file" ] && [ ! -L "$top/$file" ] || echo "$file"
	done >"$work/expected"
	[ "$(wc -l <"$work/expected")" -gt 300 ]
	while read -r file; do
		if [ -L "$top/$file" ]; then
			[ "$(readlink "$top/$file")" = "$(readlink "$tree/$file")" ]
		else
			cmp "$top/$file" "$tree/$file"
		fi
		[ ! -x "$top/$file" ] || [ -x "$tree/$file" ] || { echo "$file is not executable" && return 1; }
	done <"$work/expected"
	rpmspec -q --target aarch64 --qf '%{version}\n' "$tree/sdei-nmi.spec" | sort -u >"$work/version"
	echo "$version" | diff - "$work/version"
}

# outside ARGUMENT...: runs make in the unpacked tarball, where git fails.
outside() {
	PATH=$work/bin:$PATH make -s -C "$tree" "$@"
}

dist_builds_tool() {
	outside >/dev/null
	[ "$("$tree/out/host/sdei-nmi" --version)" = "sdei-nmi $version" ]
	outside install "DESTDIR=$work/root"
	cmp "$tree/out/host/sdei-nmi" "$work/root/usr/local/sbin/sdei-nmi"
}

dist_has_sources_of_modules() {
	outside dkms-install "DESTDIR=$work/unpacked"
	make -s -C "$top" dkms-install "DESTDIR=$work/here"
	diff -r "$work/here" "$work/unpacked"
}

sh "$top/lab/host.sh" "$top/packaging/rpm/host.packages"
rm -rf "$work"
mkdir -p "$work/bin"
printf '#!/bin/sh\necho "git ran" >&2\nexit 1\n' >"$work/bin/git"
chmod +x "$work/bin/git"
make_dist "$top" first
tar -x -C "$work" -f "$tarball"

# shellcheck disable=SC2046 # a list of names
ktap_functions $(sed -n 's/^\(dist_[a-z_]*\)() {$/\1/p' "$0")
