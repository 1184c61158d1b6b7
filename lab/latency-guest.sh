# SPDX-License-Identifier: GPL-2.0
# The guest's part of make latency, the example of docs/latency.md. A script reads /proc/pagetypeinfo every two seconds. To fill this
# file, the kernel walks the lists of free pages with interrupts off.
# shellcheck shell=sh

parameter=/sys/module/sdei_nmi/parameters/watch

# collect FILE: starts the script, on CPU 2. It reads FILE.
collect() {
	cat >bin/collector <<-EOF
		#!/bin/sh
		while sleep 2; do
		while read -r line; do echo "\$line"; done <$1 >/tmp/collected
		done
	EOF
	chmod +x bin/collector
	taskset 4 bin/collector &
	collector=$!
}

taskset 8 fragment 1500 >fragmented &
until grep -q fragmented fragmented; do
	sleep 1
done
collect /proc/pagetypeinfo
insmod /payload/sdei_nmi.ko

title "$(uname -s) $(uname -r), unmodified, from Debian. $(nproc) CPUs. The symptom:"
late="cyclictest -S -p 90 -i 5000 -D 20 -v 2>/dev/null | awk -F : '\$3 > 30000 { print \"CPU\", \$1 + 0 }' | sort | uniq -c"
run "$late"

title 'What perf shows of the script:'
run 'perf record -q -a -g sleep 20; perf evlist'
report='perf report --stdio --no-children -g none --comm collector --sort symbol -n'
run "$report 2>/dev/null | grep '%' | head -n 5"
run "$report 2>/dev/null | grep pagetypeinfo"
run 'perf script -G --comm collector -F ip,sym,symoff 2>/dev/null | grep pagetypeinfo_showfree_print | sort | uniq -c'

title 'What the driver shows:'
run 'sdei-nmi watch --over 20ms --for 20s --stacks' | tee watched

# On CPU 3, 20,000 timers expire at each full second.
taskset 8 timers 20000 >started &
timers=$!
until grep -q timers started; do
	sleep 1
done
title 'A flame graph, while a program with 20,000 timers runs as well:'
run 'sdei-nmi watch --over 10ms --for 30s --folded > off.folded'
run 'cat off.folded'
kill "$timers"

title 'The trace event:'
run 'echo 20ms > /sys/module/sdei_nmi/parameters/watch'
run 'echo 1 > /sys/kernel/tracing/events/sdei_nmi/irqs_off/enable'
run 'sleep 10; sed -n "s/.* irqs_off: //p" /sys/kernel/tracing/trace'
echo 0 >/sys/kernel/tracing/events/sdei_nmi/irqs_off/enable
rmmod sdei_nmi

title 'The record from load on:'
run 'insmod /payload/sdei_nmi.ko watch=20ms'
run 'sleep 15; sdei-nmi watch'
echo off >$parameter

kill "$collector"
collect /proc/buddyinfo
title 'The script now reads /proc/buddyinfo, for which the kernel walks no lists:'
run 'sdei-nmi watch --over 20ms --for 20s'
run "$late"
kill "$collector"

title 'Summary'
if grep -q '^pagetypeinfo_showfree_print .* collector$' watched; then
	echo 'The driver has found the function.'
else
	echo 'The driver has not found the function.'
fi
