#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# latency.sh KERNEL: make latency. Boots a guest that does the example of docs/latency.md, and writes the guest's output and its flame
# graph to docs/results/. Fails if the guest does not find the function that keeps interrupts off.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: latency.sh KERNEL}
alone
sh "$top/lab/host.sh" "$top/lab/flamegraph.packages"
say "latency: preparing the firmware, Debian's kernel $kernel, and the driver for it"
sh "$top/lab/firmware.sh" tfa >/dev/null
ko=$(sh "$top/lab/modules.sh" "$kernel")
run=$out/latency/run
payload=$out/latency/payload
rm -rf "$run" "$payload"
mkdir -p "$payload"
cp "$ko/sdei_nmi.ko" "$out/guest/sdei-nmi" "$out/guest/tests/fragment" "$out/guest/tests/timers" "$payload/"
cp "$top/lab/latency-guest.sh" "$payload/main"

say "latency: booting; the output of the guest follows"
# Each CPU has its own host thread, so that the other CPUs go on while one has interrupts off.
sh "$top/lab/boot.sh" -e -o "$run" -k "$kernel" -j multi -m 3072 -p rt-tests -p linux-perf -t 600 "$payload" |
	sed -e '/^# sdei-nmi-lab: end/d' -e 's/ *$//' | tee "$out/latency/transcript"
ending=$(cat "$run/exit" 2>/dev/null || echo 'nothing')
[ "$ending" = end ] || die "the guest did not finish ($ending); see its console in $run/console."
grep -qx 'The driver has found the function.' "$run/result" || die "the guest finished, but it did not find the function; see above."

# The folded stacks, without the title above them and the empty line below.
sed -n '/^# cat off.folded/,/^$/{/^#/d;/^$/d;p}' "$out/latency/transcript" >"$out/latency/off.folded"
sh "$top/lab/flamegraph.sh" "$out/latency/off.folded" "$top/docs/results/latency.svg" --countname us --title 'Time with interrupts off'
cp "$out/latency/transcript" "$top/docs/results/latency.txt"
say "latency: wrote docs/results/latency.txt and docs/results/latency.svg; docs/latency.md quotes them, and make check compares"
