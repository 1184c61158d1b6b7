#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ramoops.sh DIR: checks the record that pstore made of a panic in callers.panic_recorded, where the driver stopped CPUs 1 to 7. A
# record is the end of the log that fits. Runs on the host and prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$(dirname "$0")/../lib/ktap.sh"

memory=${1:?usage: ramoops.sh DIR}/ramoops
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
record=$work/record

# word AT: the 32-bit word there.
word() {
	od -An -v -tu4 -j "$1" -N 4 "$memory" | tr -d ' '
}

# The first zone of the memory: a signature, the start and the size of its data, then the data.
record_is_of_the_panic() {
	[ "$(word 0)" = $((0x43474244)) ] || die "there is no record of ramoops in $memory."
	tail -c +13 "$memory" | head -c "$(word 8)" >"$record"
	sed -n 2p "$record" | grep -qx 'Panic#1 Part1' || die "the record does not begin as one of a panic: $(head -n 2 "$record")"
}

has() {
	grep -q -- "$1" "$record" || die "the record has no line '$1'; it begins: $(sed -n 3,5p "$record")"
}

cause_is_kept() {
	has '\] Kernel panic - not syncing: sysrq triggered crash$'
	has '\] CPU: 0 .* Comm: sh '
	has '\] Call trace:$'
	has '\]  sysrq_handle_crash+'
	has '\]  write_sysrq_trigger+'
	has '\]  el0t_64_sync+'
}

each_stopped_cpu_has_a_line() {
	for cpu in 1 2 3 4 5 6 7; do
		has "\\] sdei_nmi: CPU $cpu stopped by event 0 at wedge_spin+.*, called from .*wedge_daif"
	done
}

ktap_functions record_is_of_the_panic cause_is_kept each_stopped_cpu_has_a_line
