# SPDX-License-Identifier: GPL-2.0
# The state and the counters in /sys/kernel/sdei_nmi.
# shellcheck shell=sh disable=SC2154 # guest.sh is read in before

sysfs=/sys/kernel/sdei_nmi

# says FILE VALUE: fails unless the file has this value.
says() {
	[ "$(cat "$sysfs/$1")" = "$2" ] || fail "$1 says '$(cat "$sysfs/$1")', not '$2'"
}

state_files() {
	load
	says state serving
	says version 1.0
	says conduit smc
	grep -qx '0x[0-9a-f]*' $sysfs/vendor || fail "vendor says $(cat $sysfs/vendor)"
	says cpus_reachable 0-3
	says cpus_idle ''
	says cpus_down ''
	echo 0 >/sys/devices/system/cpu/cpu2/online
	says cpus_reachable 0-1,3
	says cpus_down 2
	# An ordinary file has the size of a page, and shows at most that. These files have no size, and are read in pieces.
	[ "$(stat -c %s $sysfs/state)" -gt 0 ] || fail "an ordinary file has no size, either: this test proves nothing here"
	for file in cpus_reachable cpus_idle cpus_down; do
		[ "$(stat -c %s $sysfs/$file)" = 0 ] || fail "$file shows at most $(stat -c %s $sysfs/$file) bytes"
		for size in 1 2 3; do
			dd if=$sysfs/$file of=/tmp/pieces bs=$size 2>/dev/null
			cmp /tmp/pieces $sysfs/$file || fail "$file reads '$(cat /tmp/pieces)' in pieces of $size bytes"
		done
	done
	echo 1 >/sys/devices/system/cpu/cpu2/online
	says cpus_reachable 0-3
	# docs/abi describes exactly the files that exist.
	(cd $sysfs && find . -type f | sed 's/^\.//' | sort) >/tmp/there
	sed -n "s#^What:[[:space:]]*$sysfs\(/.*[^/]\)\$#\1#p" sysfs-kernel-sdei_nmi | sort >/tmp/described
	[ -s /tmp/described ] && diff /tmp/described /tmp/there || fail "files and their description differ"
	find $sysfs -type f ! -perm 0444 | grep . && fail "a file is not read-only for all"
	(cd /sys/kernel/debug/sdei_nmi/counters && find . -type f ! -perm 0400) | grep . && fail "a counter of debugfs is not read-only for root"
	(cd /sys/kernel/debug/sdei_nmi/counters && ls) | sort >/tmp/there
	sed -n 's#^What:.*/debug/sdei_nmi/counters/\(.\)#\1#p' debugfs-sdei_nmi | sort >/tmp/described
	[ -s /tmp/described ] && diff /tmp/described /tmp/there || fail "counters in debugfs and their description differ"
	./as_user cat $sysfs/state $sysfs/cpus_reachable $sysfs/counters/* >/tmp/all || fail "the state can't be read by all"
	if grep -E 'ffff[0-9a-f]{8}' /tmp/all; then
		fail "an address is shown"
	fi
}

# moves_by COUNTER N: fails unless the counter has grown by N since counters_begin.
counters_begin() {
	for file in "$sysfs"/counters/* /sys/kernel/debug/sdei_nmi/counters/*; do
		echo "${file##*/} $(cat "$file")"
	done >/tmp/counters
}

moved_by() {
	moved=$(($(driver_counter "$1") - $(sed -n "s/^$1 //p" /tmp/counters)))
	[ $moved = "$2" ] || fail "$1 moved by $moved, not by $2"
}

counters() {
	load
	[ "$(driver_counter deliveries)" -ge 4 ] || fail "the probe of each CPU at load was not counted"
	[ "$(driver_counter signals_sent)" -ge "$(driver_counter deliveries)" ] || fail "more deliveries than signals"
	counters_begin
	wedge daif 2
	sysrq_l 0
	release
	moved_by requests 1
	moved_by requests_turned_away 0
	moved_by cpus_asked 4
	moved_by cpus_answered 4
	moved_by cpus_named 0
	moved_by signals_sent 3
	moved_by deliveries 3
	moved_by deliveries_stray 0
	moved_by signals_held_off 0
	moved_by ipi_fallbacks 0
	moved_by snapshots 0
	[ "$(driver_counter longest_held_ns)" -gt 0 ] || fail "no CPU was ever held"
	cat /sys/kernel/debug/sdei_nmi/stacks >/tmp/stacks
	moved_by snapshots 1
	moved_by requests 1
	moved_by signals_sent 6
}

counted_refusals() {
	load
	firmware_lies refuse
	counters_begin
	sysrq_l 0
	firmware_lies none
	refused=0
	for code in not_supported invalid_parameters denied pending out_of_resource unknown; do
		refused=$((refused + $(driver_counter signals_refused_$code) - $(sed -n "s/^signals_refused_$code //p" /tmp/counters)))
	done
	[ $refused = 3 ] || fail "of 3 refusals $refused were counted"
	moved_by signals_sent 0
	moved_by ipi_fallbacks 3
	moved_by cpus_answered 4
}

counted_late_answers() {
	load
	firmware_lies drop
	counters_begin
	wedge daif 2
	sysrq_l 0
	moved_by signals_sent 3
	moved_by deliveries 0
	moved_by cpus_named 1
	moved_by ipi_fallbacks 3
	release
	wait_for late_answer 2 || fail "the log does not report the late answer"
	firmware_lies none
	moved_by late_answers 1
}

gone_after_unload() {
	needs_module
	load
	unload
	[ ! -e $sysfs ] || fail "$sysfs is still there"
}
