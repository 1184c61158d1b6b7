#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# trixie.sh: runs make demo and one test of make test on Debian 13, in a fresh root with only git and make. Needs to run as root, for the
# chroot. The downloads have a folder of their own in the cache, so the root uses nothing that a Debian 12 host has cached.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/lab/apt.sh"

folder=$cache/trixie
root=$out/trixie/root

# In a mount namespace of its own, which takes the mounts with it when it ends.
if [ "${1:-}" = inside ]; then
	mount --make-rprivate /
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --bind "$folder/archives" "$root/var/cache/apt/archives"
	mount --bind "$folder/cache" "$root/root/.cache"
	number=0 failed=0
	for step in "make demo" "make test TESTS='one_wedged stock'"; do
		number=$((number + 1))
		say "trixie: $step"
		if timeout -k 10 3000 chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
			sh -c "cd /root/sdei-nmi && $step" </dev/null >&2; then
			echo "ok $number trixie: $step"
		else
			echo "not ok $number trixie: $step"
			failed=$((failed + 1))
		fi
	done
	echo "$((number - failed)) passed, $failed failed"
	exit $((failed != 0))
fi

[ "$(id -u)" = 0 ] || die "make test-trixie makes a Debian 13 root and works in it by chroot; run it as root."
sh "$top/lab/host.sh" "$top/tests/host/trixie.packages"
alone
mkdir -p "$folder/archives/partial" "$folder/cache" "$cache/log"

# The root comes from the mirror of this host, and its apt gets the same mirror and proxy settings.
apt_dir=$folder/apt
apt_sources() {
	echo "deb [signed-by=$apt_keyring] $apt_main trixie main"
	echo "deb [signed-by=$apt_keyring] $apt_security trixie-security main"
}

make_root() {
	apt_configure
	grep '^Acquire::' "$apt_dir/apt.conf" >"$apt_dir/root.conf"
	# Fetch an older root again.
	! younger "$folder/root.tar" 43200 || return 0
	say "trixie: fetching a Debian 13"
	quietly "$cache/log/trixie" mmdebstrap --mode=root --format=tar --variant=apt --include=git,make,debian-archive-keyring \
		--aptopt="$apt_dir/root.conf" trixie "$folder/root.tar.new" "$apt_dir/sources.list" ||
		die "Debian 13 could not be fetched; see above, and check the network."
	mv "$folder/root.tar.new" "$folder/root.tar"
}
locked trixie make_root

rm -rf "$root"
mkdir -p "$root"
tar -x -p -C "$root" -f "$folder/root.tar" || die "the Debian 13 root cannot be unpacked; is the disk full?"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/root/sdei-nmi" "$root/root/.cache"
(cd "$top" && git ls-files -co --exclude-standard | while read -r file; do
	[ ! -e "$file" ] || echo "$file"
done | tar -c -T - -f -) | tar -x -C "$root/root/sdei-nmi" || die "the tree cannot be copied; is the disk full?"

status=0
echo "TAP version 13"
echo "1..2"
unshare --mount --pid --fork --kill-child sh "$top/tests/host/trixie.sh" inside || status=$?
# The mounts are gone with the namespace.
[ $status != 0 ] || rm -rf --one-file-system "$root"
exit $status
