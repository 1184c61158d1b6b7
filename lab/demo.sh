#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# demo.sh KERNEL: make demo. Boots a guest that prints a backtrace report without and with the driver, and fails if the reports are
# not as expected.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: demo.sh KERNEL}
alone
say "demo: preparing the firmware, Debian's kernel $kernel, and the driver for it"
sh "$top/lab/firmware.sh" tfa >/dev/null
ko=$(sh "$top/lab/modules.sh" "$kernel")
payload=$out/demo/payload
mkdir -p "$payload"
cp "$ko/sdei_nmi.ko" "$ko/sdei_nmi_wedge.ko" "$out/guest/sdei-nmi" "$payload/"
cp "$top/lab/demo-guest.sh" "$payload/main"

say "demo: booting; the output of the guest follows"
rm -rf "$out/demo/run"
sh "$top/lab/boot.sh" -e -o "$out/demo/run" -k "$kernel" -t 120 "$payload" | sed '/^# sdei-nmi-lab: end/d'
ending=$(cat "$out/demo/run/exit" 2>/dev/null || echo 'nothing')
[ "$ending" = end ] || die "the guest did not finish ($ending); see its console in $out/demo/run/console."
grep -q '^Only with the driver does the report contain the stack of the wedged CPU' "$out/demo/run/result" ||
	die "the guest finished, but its reports are not as expected; see above."
