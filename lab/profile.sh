#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# profile.sh KERNEL: make profile. Boots a guest that does the example of docs/profiling.md, and writes the guest's output and its
# flame graphs to docs/results/. Fails if the driver's samples do not show the function, or if those of cpu-clock show it.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: profile.sh KERNEL}
alone
sh "$top/lab/host.sh" "$top/lab/flamegraph.packages"
say "profile: preparing the firmware, Debian's kernel $kernel, and the driver for it"
sh "$top/lab/firmware.sh" tfa >/dev/null
ko=$(sh "$top/lab/modules.sh" "$kernel")
run=$out/profile/run
payload=$out/profile/payload
rm -rf "$run" "$payload"
mkdir -p "$payload"
cp "$ko/sdei_nmi.ko" "$top/lab/fold.awk" "$payload/"
cp "$top/lab/profile-guest.sh" "$payload/main"

say "profile: booting; the output of the guest follows"
# Each CPU has its own host thread, as in make latency, so that a CPU is not sampled just where QEMU changes to another one.
sh "$top/lab/boot.sh" -e -o "$run" -k "$kernel" -j multi -p linux-perf -t 600 "$payload" |
	sed -e '/^# sdei-nmi-lab: end/d' -e 's/ *$//' | tee "$out/profile/transcript"
ending=$(cat "$run/exit" 2>/dev/null || echo 'nothing')
[ "$ending" = end ] || die "the guest did not finish ($ending); see its console in $run/console."
grep -qx 'The driver has found the function, and cpu-clock has not.' "$run/result" ||
	die "the guest finished, but the profiles do not differ as they should; see above."

# draw NAME PICTURE TITLE: draws the stacks of NAME.data.
draw() {
	sed -n "/^# cat $1.folded/,/^\$/{/^#/d;/^\$/d;p}" "$out/profile/transcript" >"$out/profile/$1.folded"
	sh "$top/lab/flamegraph.sh" "$out/profile/$1.folded" "$top/docs/results/profile-$2.svg" --countname samples --title "$3"
}
draw clock cpu-clock 'CPU 3, sampled by cpu-clock'
draw sdei sdei-nmi 'CPU 3, sampled by sdei_nmi'
cp "$out/profile/transcript" "$top/docs/results/profile.txt"
say "profile: wrote docs/results/profile.txt, profile-cpu-clock.svg and profile-sdei-nmi.svg; docs/profiling.md quotes them, and" \
	"make check compares"
