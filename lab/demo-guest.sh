# SPDX-License-Identifier: GPL-2.0
# The demo inside the guest: one CPU wedged with interrupts masked, sysrq-l without the driver, then with it.
# shellcheck shell=sh

exec 1>&3 2>&1
cd /payload || exit 1
parameters=/sys/module/sdei_nmi_wedge/parameters
cpus=$(nproc)

title() {
	echo
	echo "== $*"
}

# run COMMAND: shows it, and does it, where it can't get onto the CPU that is to be wedged.
run() {
	echo "# $1"
	taskset 1 sh -c "$1"
}

centiseconds() {
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}${uptime#*.}"
}

# Sets took, answered and wedged_shown, and shows the log but for the register lines of CPUs that are well.
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

title "$(uname -s) $(uname -r), as Debian ships it. $cpus CPUs. CPU 2 is wedged with all interrupts masked (PSTATE.DAIF)."
run "echo 'daif 2 60' > $parameters/wedge"
title 'Without the driver: the kernel sends an ordinary interrupt, which CPU 2 never takes, and waits.'
ask
answered_before=$answered took_before=$took shown_before=$wedged_shown
echo "   ... $took s later the kernel has given up; nothing of CPU 2."
echo 1 >$parameters/release

title 'With the driver, which has to be loaded before a CPU is wedged:'
run 'insmod sdei_nmi.ko'
run "echo 'daif 2 60' > $parameters/wedge"
title 'The same again: SDEI event 0 reaches CPU 2 through the firmware.'
ask

title 'And without a word in the log, by the tool:'
run './sdei-nmi status'
run './sdei-nmi stacks -c 1-3'
run './sdei-nmi ping -n 20 -i 0'
echo 1 >$parameters/release

title 'What was shown'
printf '%-34s%-20s%s\n' '' 'without the driver' 'with the driver'
printf '%-34s%-20s%s\n' 'CPUs that answered' "$answered_before of $cpus" "$answered of $cpus"
printf '%-34s%-20s%s\n' 'the wedged CPU among them' "$shown_before" "$wedged_shown"
printf '%-34s%-20s%s\n' 'sysrq-l took' "$took_before s" "$took s"
if [ "$shown_before" = no ] && [ "$answered_before" = $((cpus - 1)) ] && [ "$wedged_shown" = yes ] && [ "$answered" = "$cpus" ]; then
	echo
	echo 'The stack of the wedged CPU came with the driver, and only with it.'
else
	echo
	echo 'This is not what the demo is meant to show.'
fi
