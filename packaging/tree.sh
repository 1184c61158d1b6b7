# SPDX-License-Identifier: GPL-2.0
# The files of the source tree and their date, in a checkout or in an unpacked tarball of make dist.
# shellcheck shell=sh disable=SC2154 # the script includes lab/lib.sh first

# The date of the sources, in seconds since 1970; only an unpacked tarball of make dist has this file.
date_file=packaging/date

# tree_files: prints the files of the tree. In a checkout these are the files that git tracks or would add, otherwise all files
# except out/.
tree_files() {
	if [ -e "$top/.git" ]; then
		git -C "$top" ls-files -co --exclude-standard
	else
		(cd "$top" && find . -path ./out -prune -o ! -type d -print) | sed 's,^\./,,'
	fi | while read -r tree_file; do
		# git also lists files that were removed.
		[ ! -e "$top/$tree_file" ] && [ ! -L "$top/$tree_file" ] || echo "$tree_file"
	done
}

# copy_tree FOLDER: copies the files of the tree into the new FOLDER.
copy_tree() {
	mkdir -p "$1"
	tree_files >"$1.files"
	[ -s "$1.files" ] || die "the files of $top could not be listed (see above); is git installed?"
	(cd "$top" && tar -c -T "$1.files" -f -) >"$1.tar" && tar -x -C "$1" -f "$1.tar" || die "the source tree could not be copied; is the disk full?"
	rm "$1.files" "$1.tar"
}

# debian_source FOLDER: makes the new FOLDER the source tree of the Debian packages.
debian_source() {
	copy_tree "$1"
	mv "$1/packaging/debian" "$1/debian"
	# Tests of the tree look for it there.
	ln -s ../debian "$1/packaging/debian"
	sh "$top/packaging/changelog.sh" >"$1/debian/changelog"
}

# tree_date: prints the date of the sources, see dist.sh.
tree_date() {
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		echo "$SOURCE_DATE_EPOCH"
	elif [ -e "$top/.git" ]; then
		git -C "$top" log -1 --format=%ct
	else
		cat "$top/$date_file" 2>/dev/null
	fi | grep -x '[0-9]\{1,\}' || die "the date of the sources is not known: $top is neither a git checkout nor from make dist; set SOURCE_DATE_EPOCH."
}
