#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# test.sh KERNEL [FROM]: make test-package. Boots an arm64 Debian 12 from a disk by UEFI on the lab's firmware, and installs, uses and purges
# the packages of out/package there (tests/packaging/system.sh). On the way the system changes its kernel to that row of
# kernels.list. With FROM, a commit, the system first has the packages of that commit, and upgrades them. Fails if a test fails. DKMS
# compiles in the emulated guest, which takes minutes.
set -eu
. "$(dirname "$0")/../lab/lib.sh"
. "$top/packaging/lib.sh"

kernel=${1:?usage: test.sh KERNEL [FROM]}
from=${2:-}
alone
run=$out/package-test
rm -rf "$run"
mkdir -p "$run/payload"

# earlier: builds the packages of the commit $from.
earlier() {
	then=$(git -C "$top" rev-parse --verify -q "$from^{commit}") || die "there is no commit $from whose packages could be upgraded."
	quietly "$run/from.log" bare_git clone -q "$top" "$run/from" && bare_git -C "$run/from" checkout -q "$then" ||
		die "the tree of $from could not be copied; is the disk full?"
	dpkg --compare-versions "$(cat "$run/from/VERSION")" lt "$(cat "$top/VERSION")" ||
		die "the version of $from is $(cat "$run/from/VERSION"), which is not older than $(cat "$top/VERSION"); change VERSION and CHANGELOG.md first."
	say "package: building the packages of $from"
	quietly "$run/from.log" sh "$run/from/packaging/build.sh" || die "the packages of $from do not build (see above)."
	mkdir "$run/payload/earlier"
	cp "$run"/from/out/package/sdei-nmi-dkms_*_all.deb "$run"/from/out/package/sdei-nmi-validate-dkms_*_all.deb \
		"$run"/from/out/package/sdei-nmi-tools_*_arm64.deb "$run/payload/earlier/"
	rm -rf "$run/from"
}

root=$(sh "$top/packaging/root.sh" "$kernel")
tests=$top/tests/packaging/system.sh
cp "$tests" "$run/payload/main"
cp "$top/docs/install.md" "$run/payload/"
for row in 6.1 "$kernel"; do
	version=$(cat "$(sh "$top/lab/kernel.sh" "$row")/version")
	cp "$(sh "$top/lab/modules.sh" "$row")/sdei_nmi_wedge.ko" "$run/payload/wedge-$version.ko"
done
echo "$version" >"$run/payload/next"
cp "$out"/package/sdei-nmi-dkms_*_all.deb "$out"/package/sdei-nmi-validate-dkms_*_all.deb "$out"/package/sdei-nmi-tools_*_arm64.deb "$run/payload/" ||
	die "there are no packages in $out/package; run make package first."
[ -z "$from" ] || earlier
cp "$top/packaging/debian/tests/modules" "$run/payload/autopkgtest-modules"
awk '$1 == "none" { print $2 }' "$top/tests/validate/expectations" | tr , '\n' >"$run/payload/fails"
cp --sparse=always "$root" "$run/disk" || die "the disk image $root could not be copied; is the disk full?"

# first_kernel DIR: the run of a crash without the capture kernel's log. The capture kernel's end is that of the run.
first_kernel() {
	mv "$1/console" "$1/console.both"
	awk '/Booting Linux on physical CPU/ && ++n > 1 { exit } { print }' "$1/console.both" >"$1/console"
}

# joined DIR: the run of a system that has hibernated. After the resume its service goes on with the report.
joined() {
	[ -d "$1/before-1" ] || return 0
	for part in result kmsg console secure; do
		cat "$1/before-1/$part" "$1/$part" >"$1/whole" && mv "$1/whole" "$1/$part"
	done
}

# phase NAME: boots the system, and runs the tests of this phase.
phase() {
	echo "$1" >"$run/payload/phase"
	limit=$(sh "$tests" plan | awk -v phase="$1" '$1 == phase { n += $3 } END { print n + 300 }')
	# With the owner's key, QEMU 7.2 spends its time on stores to a page that it has translated, and the kernel checks the signature
	# of one module for minutes. QEMU 10 does not.
	sh "$top/lab/boot.sh" -Q -D "$run/disk" -e -s -o "$run/$1" -c 2 -m 2048 -t "$limit" "$run/payload" | grep --line-buffered -E '^(not )?ok |^1\.\.' || true
	[ "$1" != crash ] || first_kernel "$run/$1"
	joined "$run/$1"
	status=0
	"$out/host/verdict" -n "package, $1" -o "$run/summary" "$run/$1" || status=1
	return $status
}

# answer TEXT KEYS: waits until the console has TEXT behind what it had before, and presses the keys.
answer() {
	until tail -c "+$((seen + 1))" "$run/confirm/console" 2>/dev/null | grep -aqF "$1"; do
		sleep 1
	done
	seen=$(stat -c %s "$run/confirm/console")
	printf %b "$2" >"$run/fifo.in"
}

# confirm: boots once more and confirms the new key of the machine's owner on the console, as install.md says.
confirm() {
	rm -f "$run/fifo.in" "$run/fifo.out"
	mkfifo "$run/fifo.in" "$run/fifo.out"
	sh "$top/lab/boot.sh" -D "$run/disk" -x "$run/fifo" -o "$run/confirm" -c 2 -m 2048 -t 300 "$run/payload" >/dev/null &
	guest=$!
	cat "$run/fifo.out" >/dev/null &
	seen=0 down='\033[B\r'
	(
		answer 'Press any key' ' '
		answer 'Enroll MOK' "$down"
		answer 'Continue' "$down"
		answer 'Enroll the key' "$down"
		answer 'Password:' 'lab-lab-lab\r'
		answer 'Reboot' '\r'
	) &
	keys=$!
	wait $guest || true
	kill $keys 2>/dev/null || true
	grep -qx 'qemu 0' "$run/confirm/exit"
}

say "package: installing, using and purging the packages on a whole system (more than an hour)"
status=0
for name in $(sh "$tests" plan | cut -d ' ' -f 1 | uniq); do
	[ "$name" != trusted ] || confirm || say "package: the key could not be confirmed on the console, see $run/confirm/console"
	phase "$name" || {
		status=1
		say "package: the phase $name has failed, so the later ones are not run"
		break
	}
done
[ $status != 0 ] || rm -f "$run/disk"
awk '{ passed += $1; failed += $2 } END { printf "%d passed, %d failed\n", passed, failed }' "$run/summary"
exit $status
