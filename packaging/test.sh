#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# test.sh KERNEL: make test-package. Boots an arm64 Debian 12 with that kernel on the lab's firmware, and installs, uses and purges
# the packages of out/package there (tests/packaging/packages.sh). Fails if a test fails. DKMS compiles in the emulated guest, which
# takes minutes.
set -eu
. "$(dirname "$0")/../lab/lib.sh"
. "$top/packaging/lib.sh"

kernel=${1:?usage: test.sh KERNEL}
alone
run=$out/package-test
rm -rf "$run"
mkdir -p "$run/payload"

kernel_dir=$(sh "$top/lab/kernel.sh" "$kernel")
ko=$(sh "$top/lab/modules.sh" "$kernel")
root=$(sh "$top/packaging/root.sh" "$kernel")
disk_payload "$kernel_dir" "$run/payload"
cp "$top/tests/packaging/packages.sh" "$run/payload/main"
cp "$ko/sdei_nmi_wedge.ko" "$out"/package/sdei-nmi-dkms_*_all.deb "$out"/package/sdei-nmi-validate-dkms_*_all.deb "$out"/package/sdei-nmi-tools_*_arm64.deb "$run/payload/" ||
	die "there are no packages in $out/package; run make package first."
cp "$top/packaging/debian/tests/modules" "$run/payload/autopkgtest-modules"
awk '$1 == "none" { print $2 }' "$top/tests/validate/expectations" | tr , '\n' >"$run/payload/fails"
cp --sparse=always "$root" "$run/disk" || die "the disk image $root could not be copied; is the disk full?"

say "package: installing, using and purging the packages in a guest (minutes)"
# Longer limits, so that a slow host alone does not cause reports of stalls.
sh "$top/lab/boot.sh" -e -o "$run/run" -k "$kernel" -c 2 -m 2048 -t 4200 -d "$run/disk" \
	-a 'rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60' "$run/payload" | grep --line-buffered -E '^(not )?ok |^1\.\.' || true
status=0
"$out/host/verdict" -n package -o "$run/summary" "$run/run" || status=$?
[ $status != 0 ] || rm -f "$run/disk"
awk '{ printf "%d passed, %d failed\n", $1, $2 }' "$run/summary"
exit $status
