#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# example.sh NAME KERNEL: make latency, make profile and make screens. Boots a guest that does an example of the documentation, and
# writes the guest's output and its pictures to docs/results/. Fails if the guest does not find what is to be found.
#
#   latency   the example of docs/latency.md, in latency-guest.sh
#   profile   the example of docs/profiling.md, in profile-guest.sh
#   screens   the screens of sdei-nmi in docs/usage.md, in screens-guest.sh
set -eu
. "$(dirname "$0")/lib.sh"

usage='usage: example.sh latency|profile|screens KERNEL'
name=${1:?$usage}
kernel=${2:?$usage}
drawn_by=flamegraph
found='The driver has found the function'
hidden=''
case $name in
latency)
	programs="$out/guest/sdei-nmi $out/guest/tests/fragment $out/guest/tests/timers"
	options='-m 3072 -p rt-tests -p linux-perf'
	;;
profile)
	programs="$top/lab/fold.awk"
	options='-p linux-perf'
	;;
screens)
	programs="$out/guest/sdei-nmi $out/guest/tests/timers $out/guest/tests/user_spin"
	options='-c 8 -p bsdutils -p coreutils -p dash -p ncurses-base'
	drawn_by=screens
	found='The screens show what they should'
	# The recorded terminals, in base64. Their headings are shown.
	hidden='/^# screen /,/^$/{/^# screen /!{/^$/!d}}'
	;;
*)
	die "$usage"
	;;
esac
alone
sh "$top/lab/host.sh" "$top/lab/$drawn_by.packages"
say "$name: preparing the firmware, Debian's kernel $kernel, and the driver for it"
sh "$top/lab/firmware.sh" tfa >/dev/null
ko=$(sh "$top/lab/modules.sh" "$kernel")
run=$out/$name/run
payload=$out/$name/payload
rm -rf "$run" "$payload"
mkdir -p "$payload"
# shellcheck disable=SC2086 # several files
cp "$ko/sdei_nmi.ko" "$ko/sdei_nmi_wedge.ko" $programs "$payload/"
cp "$top/lab/example-guest.sh" "$payload/main"
cp "$top/lab/$name-guest.sh" "$payload/example"

say "$name: booting; the output of the guest follows"
# Each CPU has its own host thread. So the other CPUs go on while one has interrupts off, and a CPU is not sampled just where QEMU
# changes to another one.
# shellcheck disable=SC2086 # several options
sh "$top/lab/boot.sh" -e -o "$run" -k "$kernel" -j multi $options -t 600 "$payload" |
	sed -u -e '/^# sdei-nmi-lab: end/d' -e 's/ *$//' | tee "$out/$name/transcript" | sed -u "$hidden"
ending=$(cat "$run/exit" 2>/dev/null || echo 'nothing')
[ "$ending" = end ] || die "the guest did not finish ($ending); see its console in $run/console."
grep -q "^$found" "$run/result" ||
	die "the guest finished, but it did not find what it should; see above."

# draw STACKS PICTURE UNIT TITLE: draws the folded stacks in STACKS.folded of the guest as docs/results/PICTURE.svg.
draw() {
	sed -n "/^# cat $1.folded/,/^\$/{/^#/d;/^\$/d;p}" "$out/$name/transcript" >"$out/$name/$1.folded"
	sh "$top/lab/flamegraph.sh" "$out/$name/$1.folded" "$top/docs/results/$2.svg" --countname "$3" --title "$4"
}

# draw_screen NAME ROWS COLUMNS: draws the last screen of the guest's terminal NAME as docs/results/screen-NAME.svg. A program that ends leaves the
# screen, so its last bytes are cut off. The cursor is hidden.
draw_screen() {
	screen=$out/$name/$1
	sed -n "/^# screen $1 /,/^\$/{/^#/d;/^\$/d;p}" "$out/$name/transcript" | base64 -d | perl -0pe 's/\e\[\?1049l.*//s; $_ .= "\e[?25l"' >"$screen"
	jq -c -Rs --argjson rows "$2" --argjson columns "$3" '{ version: 2, width: $columns, height: $rows }, [ 0.1, "o", . ]' "$screen" >"$screen.cast"
	rm -rf "$screen.stills"
	mkdir "$screen.stills"
	termtosvg render "$screen.cast" "$screen.stills" -s -t window_frame
	# Not every program that shows pictures knows "white-space: pre".
	sed 's/^<svg /<svg xml:space="preserve" /' "$(find "$screen.stills" -name '*.svg' | sort | tail -n 1)" >"$top/docs/results/screen-$1.svg"
}
case $name in
latency)
	draw off latency us 'Time with interrupts off'
	;;
profile)
	draw clock profile-cpu-clock samples 'CPU 3, sampled by cpu-clock'
	draw sdei profile-sdei-nmi samples 'CPU 3, sampled by sdei_nmi'
	;;
screens)
	sed -n 's/^# screen //p' "$out/screens/transcript" | while read -r screen rows columns; do
		draw_screen "$screen" "$rows" "$columns"
	done
	say "screens: wrote docs/results/screen-*.svg. To undo: git restore docs/results"
	exit
	;;
esac
cp "$out/$name/transcript" "$top/docs/results/$name.txt"
say "$name: wrote docs/results/$name.txt and its flame graphs; the example quotes them, and make check compares. To undo: git restore docs/results"
