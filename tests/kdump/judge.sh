#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# judge.sh DIR: judges the files that one crash left in DIR: how the run ended, the logs of both kernels, and the dump. Prints a
# sentence for each fault and each fact, and fails if there is a fault. Facts go into DIR/facts, too.
# shellcheck disable=SC2046,SC2154 # word splitting is intended; the row is read in
set -u
. "$(dirname "$0")/../../lab/lib.sh"

dir=${1:?usage: judge.sh DIR}
. "$dir/row"
run=$dir/run
bad=0
cpus=4
header=131072
slot=4096
# A CPU that is wedged with the console or the log, or that prints while another CPU panics, keeps later lines from the console.
# Lines that an SDEI handler prints wait for an interrupt. A reboot flushes all lines except the last one.
case $capture/$wedge/$trigger in
*/console:*/* | */logbuf:*/* | [a-z]*/asking@* | [a-z]*/event@* | [a-z]*/ghes@*) mute=yes endless=yes ;;
*/event@* | */ghes@* | */asking@*) mute=no endless=yes ;;
*) mute=no endless=no ;;
esac
# The function in which a wedged CPU is for the host, and those that may be its caller. The compiler inlines some of KVM's.
case $wedge in
guest:*) spins_in=__guest_enter callers='__kvm_vcpu_run_vhe __kvm_vcpu_run kvm_arm_vcpu_enter_exit kvm_arch_vcpu_ioctl_run' ;;
*) spins_in=wedge_spin callers=wedge_${wedge%:*} ;;
esac
boot='Booting Linux on physical CPU'
: >"$dir/facts"

wrong() {
	echo "$*"
	bad=1
}

fact() {
	echo "$*" | tee -a "$dir/facts"
}

# each LIST: its CPUs, one per line; none for "-".
each() {
	echo "$1" | tr , '\n' | awk -F - '$1 != "" { for (i = $1 + 0; i <= (NF > 1 ? $2 : $1) + 0; i++) print i }'
}

joined() {
	tr '\n' , | sed 's/,$//'
}

# part FILE WHICH START: the lines of the first or the second kernel; the second begins where START occurs for the second time.
part() {
	[ ! -e "$run/$1" ] || awk -v which="$2" -v start="$3" 'index($0, start) { n++ } (n > 1) == (which > 1)' "$run/$1" >"$dir/$2/$1"
}

# Reports in one sentence if the run did not end as the row requires.
ending() {
	how=$(cat "$run/exit" 2>/dev/null) || how='nothing, as the run was not begun'
	panics=$(grep -c '\] Kernel panic - ' "$run/console" 2>/dev/null)
	boots=$(grep -c "$boot" "$run/console" 2>/dev/null)
	last="the console's last line is: $(tail -n 1 "$run/console" 2>/dev/null | tr -d '\r')"
	if [ "$capture" = - ]; then
		[ "$how" = 'qemu 0' ] || wrong "the machine did not go down ($how); $last"
	elif [ "$how" = end ]; then
		[ "$(grep -c '^KTAP version' "$run/result")" -gt 1 ] ||
			wrong "the first kernel did not reach its crash: $(sed -n 's/^# //p' "$run/result" | grep -v '^sdei-nmi-lab' | tail -n 1)"
	elif [ "${boots:-0}" -gt 1 ]; then
		wrong "the capture kernel started and did not finish ($how); $last"
	elif grep -q '\] Bye!' "$run/console" 2>/dev/null; then
		wrong "the first kernel started its capture kernel, which printed nothing ($how)"
	elif [ "${panics:-0}" -gt 0 ]; then
		wrong "the first kernel panicked and did not start its capture kernel ($how); $last"
	else
		wrong "the first kernel did not reach its crash ($how); $last"
	fi
}

# The verdict judges each kernel's part of the run like a run of its own: by its tests and its log.
logs() {
	for which in 1 2; do
		rm -rf "${dir:?}/$which"
		mkdir "$dir/$which"
		part result $which 'KTAP version'
		part kmsg $which "$boot"
		part console $which "$boot"
	done
	# The first kernel ended by its panic.
	echo 'qemu 0' >"$dir/1/exit"
	[ $endless = no ] || sed -n 's/.*\] sdei-test: //p' "$dir/1/console" | grep -q '^dies ' || wrong "the first kernel did not announce its crash"
	if [ "$capture" = - ]; then
		rm -rf "${dir:?}/2"
		cp "$run/secure" "$dir/1/"
	else
		cp "$run/exit" "$run/secure" "$dir/2/" 2>/dev/null
	fi
	# Then the end of the log is missing. Judge the lines before it.
	[ $endless = no ] || ! grep -hE 'WARNING: |BUG: |Oops|Internal error|Unable to handle|unsafe: exception during handler' "$dir/1/console" "$dir/1/kmsg" ||
		wrong "the first kernel complains"
	[ $endless = yes ] || "$out/host/verdict" -n "first kernel" "$dir/1" >"$dir/1/verdict" 2>&1 || { wrong "the first kernel:" && cat "$dir/1/verdict"; }
	[ "$capture" = - ] || "$out/host/verdict" -n "capture kernel" "$dir/2" >"$dir/2/verdict" 2>&1 || { wrong "the capture kernel:" && cat "$dir/2/verdict"; }
}

# in_range ADDRESS NAME: whether the address is in the function, by the symbols that the first kernel logged. All addresses have the
# same length.
in_range() {
	sed -n 's/.*sdei-test: range //p' "$dir/1/console" | tr -d '\r' |
		awk -v name="$2" -v address="$1" '$1 == name && "x" address >= "x" $2 && "x" address < "x" $3 { found = 1 } END { exit !found }'
}

# note CPU: its PID PC SP FP; nothing if it has no note. A note is two sizes, a type and a name, then the elf_prstatus.
note() {
	note_at=$((header + $1 * slot))
	[ "$(od -An -v -tu4 -j $((note_at + 8)) -N 4 "$dir/notes" | tr -d ' ')" = 1 ] || return 0
	echo "$(od -An -v -td4 -j $((note_at + 20 + 32)) -N 4 "$dir/notes")" \
		"$(od -An -v -tx8 -w8 -j $((note_at + 20 + 112)) -N 272 "$dir/notes" | awk '{ x[NR - 1] = $1 } END { print x[32], x[31], x[29] }')"
}

# said REGEX: whether the first kernel's console has a matching line.
said() {
	grep -q "$1" "$dir/1/console"
}

# where_stopped CPU: whether the log of a kernel that saves no dump has the stack of a CPU that the driver stopped. A panic has one line,
# which names the callers, so that pstore keeps the panic's cause. Any other end has the whole trace.
where_stopped() {
	case $trigger in
	sysrq-c@* | profiled@* | traced@* | notifiers@* | forced@* | hardirq@* | both@* | asking@* | event@* | ghes@* | lockup@* | hardlockup@*)
		said "\] sdei_nmi: CPU $1 stopped by event 0 .*, called from .*wedge_${wedge%:*} "
		;;
	*) last_trace "$1" | grep -q "\]  wedge_${wedge%:*}+" ;;
	esac
}

# last_trace CPU: the log behind the line that says the CPU was stopped, up to the next block or the end.
last_trace() {
	tr -d '\r' <"$dir/1/console" | awk -v cpu="$1" '
		index($0, "] sdei_nmi: CPU " cpu " stopped by event 0 ") { behind = 1 }
		behind && / NMI backtrace for cpu / { on = $NF == cpu }
		behind && on'
}

# stopped: the driver says that it stopped each masked CPU, and no other CPU.
stopped() {
	[ $mute = no ] || { fact "stopped unheard" && return; }
	stopped_cpus=$(sed -n 's/.*\] sdei_nmi: CPU \([0-9]*\) stopped by event 0 .*/\1/p' "$dir/1/console" | sort -un | joined)
	fact "stopped ${stopped_cpus:--}"
	case $driver in
	none | own) return ;;
	esac
	case $wedge in
	guest:*) where='in a KVM guest' ;;
	spinlock:*) where='at queued_spin_lock_slowpath+' ;;
	*) where='at wedge_spin+' ;;
	esac
	for cpu in $(each "$masked"); do
		said "\] sdei_nmi: CPU $cpu stopped by event 0 $where" ||
			wrong "the driver does not say that it stopped CPU $cpu: $(grep -o "sdei_nmi: CPU $cpu was not stopped.*" "$dir/1/console" | tail -n 1)"
		[ "$capture" != - ] || where_stopped "$cpu" || wrong "the log does not say where CPU $cpu was when it was stopped"
	done
	[ "$stopped_cpus" = "$(each "$masked" | joined)" ] || wrong "the driver stopped CPUs ${stopped_cpus:-none}, but the masked CPUs are ${masked:-none}"
	# The driver acts before the kernel reports such CPUs, or makes that report needless.
	case $kernel/$trigger in
	builtin*/* | */reboot@* | */poweroff@* | */sysrq-o@*)
		! said 'SMP: failed to stop secondary CPUs' || wrong "the kernel says that it failed to stop CPUs"
		;;
	esac
	# The CPU to which the kernel leaves the panic, or the one that goes on with it.
	case $trigger/$masked in
	forced@*/*2*) said '] sdei_nmi: CPU 2, to which panic_force_cpu= leaves this panic, has taken no interrupt' || wrong "the driver does not say that CPU 2 is wedged" ;;
	forced@*) ! said 'to which panic_force_cpu= leaves this panic' || wrong "the driver says that CPU 2 is wedged" ;;
	esac
	case $trigger in
	traced@*) said ': signal: cpu=2 request=stop error=0 code=0' || wrong "the trace does not name the request that stopped CPU 2: $(grep -o 'signal: cpu=2 .*' "$dir/1/console" | tr -d '\r' | tail -n 1)" ;;
	esac
	# A notifier that runs after the driver's waits for a grace period.
	case $trigger in
	held-*@*)
		# A notifier before that of the crasher waits for the CPU that runs nothing else.
		[ "${trigger%@*}" = held-preempt ] || said '\] crasher: the reboot waits: ' || wrong "the reboot did not come to the wait"
		! said '\] crasher: the reboot goes on' || wrong "the reboot was not held up"
		! said '\] crasher: a grace period went by' || wrong "an RCU grace period ended"
		;;
	reboot@* | poweroff@* | sysrq-o@*) said '\] crasher: a grace period went by' || wrong "no RCU grace period ended after the CPU was stopped" ;;
	esac
}

# The notes: every CPU has one except those that the row names, and the note of a wedged CPU has the pc where it spins.
notes() {
	at=$(sed -n 's/^# data notes //p' "$dir/2/result" | cut -d ' ' -f 1)
	[ -n "$at" ] || { wrong "the capture kernel saved no notes" && return; }
	dd if="$dir/disk" of="$dir/notes" bs=65536 skip=$((at / 65536)) 2>/dev/null
	head -c $header "$dir/notes" >"$dir/head"
	counted=$(aarch64-linux-gnu-readelf -n "$dir/head" 2>/dev/null | grep -c NT_PRSTATUS)
	: >"$dir/registers"
	for cpu in $(seq 0 $((cpus - 1))); do
		registers=$(note "$cpu")
		[ -z "$registers" ] || echo "$cpu $registers" >>"$dir/registers"
	done
	without=$(seq 0 $((cpus - 1)) | grep -vxF "$(cut -d ' ' -f 1 "$dir/registers")" | joined)
	fact "notes $counted"
	fact "without ${without:--}"
	[ "$counted" = "$(wc -l <"$dir/registers")" ] || wrong "the dump has $counted NT_PRSTATUS, but $(wc -l <"$dir/registers") CPUs have written one"
	case "/$lacks/" in
	*"/${without:--}/"*) ;;
	*) wrong "CPUs without a note: ${without:-none}; expected: $lacks" ;;
	esac
	# Of two CPUs that panic, the parked one has no note.
	case $trigger/$capture in
	both@*/smp) ! sed -n 's/^# data online //p' "$dir/2/result" | tr , '\n' | grep -qx "$without" || wrong "CPU $without has no note and is not the one that parked" ;;
	esac
	[ "$wedge" != - ] || return 0
	for cpu in $(each "${wedge#*:}"); do
		pc=$(awk -v cpu="$cpu" '$1 == cpu { print $3 }' "$dir/registers")
		[ -n "$pc" ] || continue
		# Such a CPU spins in the kernel's own code.
		[ "${wedge%:*}" != spinlock ] || { fact "elsewhere $cpu $pc" && continue; }
		if in_range "$pc" "$spins_in"; then
			fact "pc $cpu $pc $spins_in"
		elif [ "${wedge%:*}" = softlockup ] && [ "${pc#ffff}" != "$pc" ]; then
			# This one takes interrupts, and may be in one: anywhere in the kernel.
			fact "elsewhere $cpu $pc"
		else
			wrong "the note of the wedged CPU $cpu has pc $pc, which is not in $spins_in"
		fi
	done
	[ "${wedge%:*}" != guest ] || guests_are_private
}

# guests_are_private: the note of a CPU with a guest is that of the vCPU's task, and neither the notes nor the logs have a register of
# a guest, which guest_spin sets.
guests_are_private() {
	for cpu in $(each "${wedge#*:}"); do
		vcpu=$(tr -d '\r' <"$dir/1/console" | sed -n "s/.*sdei-test: vcpu $cpu //p")
		pid=$(awk -v cpu="$cpu" '$1 == cpu { print $2 }' "$dir/registers")
		[ -z "$pid" ] || [ "$pid" = "$vcpu" ] || wrong "the note of CPU $cpu is of process $pid, and the vCPU's task is ${vcpu:-unknown}"
	done
	# The registers in a note are aligned to four bytes.
	for offset in 0 4; do
		! od -An -v -tx8 -w8 -j $offset "$dir/notes" | grep -q ' 00005ec7e7c0de' || wrong "the notes have registers of a guest"
	done
	! grep -qi 5ec7e7c0de "$dir"/[12]/console "$dir"/[12]/kmsg || wrong "a log has registers of a guest"
}

# The stacks in the dump. drgn assigns the notes to CPUs 0, 1, 2 and so on, so walk.py leads it if a note is missing.
walk() {
	set -- $(sed -n 's/^# data dump //p' "$dir/2/result")
	[ $# = 3 ] || { wrong "the capture kernel saved no dump" && return; }
	fact "dump $save $1 $2 $3"
	truncate -s "$1" "$dir/disk"
	vmlinux=-
	if [ "$lacks" = - ]; then
		vmlinux=$(sh "$top/lab/kernel.sh" "$kernel")/build/vmlinux
		# For a Debian kernel, vmlinux provides only the types of the modules.
		aarch64-linux-gnu-readelf -S "$vmlinux" 2>/dev/null | grep -q '\.debug_info' || vmlinux=-
	fi
	/usr/bin/python3 "$top/tests/kdump/walk.py" "$dir/disk" "$vmlinux" $(awk '{ print $1 ":" $3 ":" $5 }' "$dir/registers") >"$dir/stacks" 2>"$dir/drgn" ||
		{ wrong "drgn can't read the dump: $(tail -n 1 "$dir/drgn")" && return; }
	fact "walk $([ "$vmlinux" = - ] && echo 'frame records' || echo 'debug information')"
	for cpu in $(cut -d ' ' -f 1 "$dir/registers"); do
		stack=$(sed -n "s/^$cpu //p" "$dir/stacks")
		[ -n "$stack" ] || wrong "drgn finds no stack of CPU $cpu in the dump"
		fact "stack $cpu $(echo "$stack" | wc -w)"
		# A CPU in user mode has no kernel stack to walk.
		case $stack in
		ffff*) ;;
		*) continue ;;
		esac
		[ "$(echo "$stack" | wc -w)" -gt 2 ] || wrong "the stack of CPU $cpu in the dump has no callers: $stack"
	done
	[ "$wedge" != - ] || return 0
	for cpu in $(each "${wedge#*:}"); do
		grep -q "^$cpu " "$dir/registers" || continue
		set -- $(sed -n "s/^$cpu //p" "$dir/stacks")
		called=no
		# A CPU that takes interrupts may be in one, for which it left the function that spins.
		while [ "${wedge%:*}" = softlockup ] && [ $# -gt 1 ] && ! in_range "$1" "$spins_in"; do
			shift
		done
		for caller in $callers; do
			[ $# -lt 2 ] || ! in_range "$2" "$caller" || called=yes
		done
		[ $called = yes ] && in_range "$1" "$spins_in" ||
			wrong "the stack of the wedged CPU $cpu is not $spins_in called by $callers: $*"
	done
}

ending
[ ! -e "$run/console" ] || { logs && stopped; }
if [ -s "$dir/2/result" ]; then
	fact "online $(sed -n 's/^# data online //p' "$dir/2/result")"
	[ "$save" = - ] || notes
	case $save in
	- | notes) ;;
	*) [ ! -s "$dir/registers" ] || walk ;;
	esac
fi
# A dump is large. Keep it only if something is wrong.
[ $bad != 0 ] || rm -f "$dir/disk" "$run/initramfs.cpio"
exit $bad
