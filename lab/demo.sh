#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# demo.sh KERNEL: shows what the driver is for. Fails if the guest does not show it.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: demo.sh KERNEL}
alone
say "demo: making ready: firmware, Debian's $kernel kernel, and the driver for it"
sh "$top/lab/firmware.sh" tfa >/dev/null
ko=$(sh "$top/lab/modules.sh" "$kernel")
payload=$out/demo/payload
mkdir -p "$payload"
cp "$ko/sdei_nmi.ko" "$ko/sdei_nmi_wedge.ko" "$out/guest/sdei-nmi" "$payload/"
cp "$top/lab/demo-guest.sh" "$payload/main"

say "demo: booting; the guest's own words follow (about half a minute)"
rm -rf "$out/demo/run"
sh "$top/lab/boot.sh" -e -o "$out/demo/run" -k "$kernel" -t 120 "$payload" | sed '/^# sdei-nmi-lab: end/d'
ending=$(cat "$out/demo/run/exit" 2>/dev/null || echo 'nothing')
[ "$ending" = end ] || die "the guest did not come to its end ($ending); its console is in $out/demo/run/console."
grep -q '^The stack of the wedged CPU came with the driver, and only with it' "$out/demo/run/result" || die "the guest came to its end, but did not show what it should have; see above."
