# SPDX-License-Identifier: GPL-2.0
# The guest's part of make demo: wedges one CPU with interrupts masked, and runs sysrq-l without the driver and with it.
# shellcheck shell=sh

exec 1>&3 2>&1
cd /payload || exit 1
parameters=/sys/module/sdei_nmi_wedge/parameters
cpus=$(nproc)

title() {
	echo
	echo "== $*"
}

# run COMMAND: prints COMMAND and runs it on CPU 0, away from the wedged CPU.
run() {
	echo "# $1"
	taskset 1 sh -c "$1"
}

centiseconds() {
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}${uptime#*.}"
}

# Runs sysrq-l, prints the log, and sets took, answered and wedged_shown.
ask() {
	dmesg -c >/dev/null
	before=$(centiseconds)
	run 'echo l > /proc/sysrq-trigger'
	after=$(centiseconds)
	took=$((after - before))
	took=$((took / 100)).$(printf %02d $((took % 100)))
	dmesg | sed 's/^\[ *[0-9.]*\] //' >/tmp/log
	cat /tmp/log
	answered=$(sed -n 's/^NMI backtrace for cpu \([0-9]*\).*/\1/p' /tmp/log | sort -u | wc -l)
	wedged_shown=no
	grep -A 3 '^pstate: .* DAIF ' /tmp/log | grep -q '^pc : wedge_spin' && wedged_shown=yes
}

insmod sdei_nmi_wedge.ko

title "$(uname -s) $(uname -r), unmodified, from Debian. $cpus CPUs. CPU 2 is wedged with all interrupts masked (PSTATE.DAIF)."
run "echo 'daif 2 60' > $parameters/wedge"
title 'Without the driver: the kernel sends an ordinary interrupt, which CPU 2 does not take, and waits.'
ask
answered_before=$answered took_before=$took shown_before=$wedged_shown
echo "   ... the kernel gave up after $took s. The log has no backtrace of CPU 2."
echo 1 >$parameters/release

title 'With the driver, which must be loaded before a CPU is wedged:'
run 'insmod sdei_nmi.ko'
run "echo 'daif 2 60' > $parameters/wedge"
title 'The same command: the firmware delivers SDEI event 0 to CPU 2.'
ask

title 'The tool shows backtraces without using the kernel log:'
run './sdei-nmi status'
run './sdei-nmi stacks -c 1-3'
run './sdei-nmi ping -n 20 -i 0'
echo 1 >$parameters/release

title 'Summary'
printf '%-34s%-20s%s\n' '' 'without the driver' 'with the driver'
printf '%-34s%-20s%s\n' 'CPUs that answered' "$answered_before of $cpus" "$answered of $cpus"
printf '%-34s%-20s%s\n' 'the wedged CPU answered' "$shown_before" "$wedged_shown"
printf '%-34s%-20s%s\n' 'sysrq-l took' "$took_before s" "$took s"
if [ "$shown_before" = no ] && [ "$answered_before" = $((cpus - 1)) ] && [ "$wedged_shown" = yes ] && [ "$answered" = "$cpus" ]; then
	echo
	echo 'Only with the driver does the report contain the stack of the wedged CPU.'
else
	echo
	echo 'The reports are not as expected.'
fi
