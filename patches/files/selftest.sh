#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Checks that each online CPU shows up in a snapshot and in the report of
# sysrq-l, and that a busy CPU answers by event 0. Needs root. Skips without
# SDEI.

DIR="$(dirname "$(readlink -f "$0")")"
. "$DIR"/../kselftest/ktap_helpers.sh

SYSFS=/sys/kernel/sdei_nmi
STACKS=/sys/kernel/debug/sdei_nmi/stacks
TRIES=10

work=$(mktemp -d) || exit 1
spinner=
mounted=

cleanup()
{
	[ -z "$spinner" ] || kill "$spinner"
	[ -z "$mounted" ] || umount /sys/kernel/debug
	rm -r "$work"
}
trap cleanup EXIT

# Prints the CPUs of a list such as 0-2,5, one a line.
cpus_of()
{
	echo "$1" | tr , '\n' | while IFS=- read -r first last; do
		[ -z "$first" ] || seq "$first" "${last:-$first}"
	done
}

online_cpus()
{
	cpus_of "$(cat /sys/devices/system/cpu/online)"
}

# Puts lines into one.
flat()
{
	printf '%s\n' "$1" | tr '\n' ' ' | sed 's/ $//'
}

skip()
{
	ktap_print_msg "$2"
	ktap_test_skip "$1"
}

# An online CPU is reachable or in deep idle.
test_state()
{
	cpus_of "$(cat $SYSFS/cpus_down)" > "$work/down"
	# Some grep takes an empty file of patterns for one that matches all.
	lost=
	[ ! -s "$work/down" ] || lost=$(online_cpus | grep -xFf "$work/down")
	if [ "$(cat $SYSFS/state)" = serving ] && [ -z "$lost" ]; then
		ktap_test_pass "state"
	else
		ktap_print_msg "state: $(cat $SYSFS/state); online and down: $(flat "$lost")"
		ktap_test_fail "state"
	fi
}

# No online CPU is silent.
test_snapshot()
{
	if ! cat "$STACKS" > "$work/stacks"; then
		skip "snapshot" "$STACKS cannot be read"
		return
	fi
	answered=$(awk '
		$1 == "cpu:" { cpu = $2 }
		$1 == "state:" && $2 != "silent" && $2 != "offline" { print cpu }
		' "$work/stacks")
	online=$(cpus_of "$(sed -n 's/^online: //p' "$work/stacks")")
	if [ -n "$online" ] && [ "$answered" = "$online" ]; then
		ktap_test_pass "snapshot"
	else
		ktap_print_msg "answered: $(flat "$answered"); online: $(flat "$online")"
		ktap_test_fail "snapshot"
	fi
}

# Prints how a CPU answered in a snapshot that is taken on another CPU.
way_of()
{
	taskset -c "$2" cat "$STACKS" | awk -v cpu="$1" '
		$1 == "cpu:" { at = $2 }
		$1 == "by:" && at == cpu { print $2 }'
}

# A CPU in deep idle answers by an interrupt, so one CPU is kept busy.
test_event()
{
	first=$(online_cpus | head -n 1)
	last=$(online_cpus | tail -n 1)
	if [ "$first" = "$last" ]; then
		skip "event" "there is only one CPU"
		return
	fi
	if ! taskset -c "$first" cat "$STACKS" > /dev/null; then
		skip "event" "there is no taskset, or $STACKS cannot be read"
		return
	fi
	taskset -c "$last" sh -c 'while :; do :; done' &
	spinner=$!
	way=
	for _ in $(seq $TRIES); do
		way=$(way_of "$last" "$first")
		[ "$way" != event ] || break
		sleep 1
	done
	kill "$spinner"
	spinner=
	if [ "$way" = event ]; then
		ktap_test_pass "event"
	else
		ktap_print_msg "CPU $last, which is busy, answers by: ${way:-nothing}"
		ktap_test_fail "event"
	fi
}

# The log has a block or a line for each online CPU.
test_sysrq()
{
	mark="sdei_nmi selftest $$ begins"
	before=$(online_cpus)
	if ! { echo "$mark" > /dev/kmsg && echo l > /proc/sysrq-trigger; } 2> /dev/null; then
		skip "sysrq" "/dev/kmsg or /proc/sysrq-trigger cannot be written"
		return
	fi
	dmesg > "$work/log"
	if ! grep -qF "$mark" "$work/log"; then
		skip "sysrq" "the log lacks the mark, so it may lack more"
		return
	fi
	if [ "$(online_cpus)" != "$before" ]; then
		skip "sysrq" "CPUs came or went"
		return
	fi
	shown=$(awk -v mark="$mark" '
		index($0, mark) { begun = 1 }
		begun && match($0, /NMI backtrace for cpu [0-9]+/) {
			split(substr($0, RSTART, RLENGTH), word, " ")
			print word[5]
		}
		begun && match($0, /also idle there: CPUs [0-9,-]+/) {
			n = split(substr($0, RSTART + 22, RLENGTH - 22), part, ",")
			for (i = 1; i <= n; i++) {
				split(part[i] "-" part[i], end, "-")
				for (cpu = end[1] + 0; cpu <= end[2] + 0; cpu++)
					print cpu
			}
		}
		begun && match($0, /CPU [0-9]+ has the same stack/) {
			split(substr($0, RSTART, RLENGTH), word, " ")
			print word[2]
		}' "$work/log" | sort -n | uniq)
	if [ "$shown" = "$before" ]; then
		ktap_test_pass "sysrq"
	else
		ktap_print_msg "shown: $(flat "$shown"); online: $(flat "$before")"
		ktap_test_fail "sysrq"
	fi
}

ktap_print_header

if [ "$(id -u)" != 0 ]; then
	ktap_skip_all "has to run as root"
	exit "$KSFT_SKIP"
fi
if [ ! -d "$SYSFS" ]; then
	ktap_skip_all "the driver is not up"
	exit "$KSFT_SKIP"
fi
if [ ! -e "$STACKS" ] && mount -t debugfs none /sys/kernel/debug 2> /dev/null; then
	mounted=yes
fi

ktap_set_plan 4
test_state
test_snapshot
test_event
test_sysrq
ktap_finished
