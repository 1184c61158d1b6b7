#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tool.sh TOOL: runs the tool, built for this host, on small trees that stand for machines (--root), and prints KTAP version 1.
#
# A case is a function, named in the list at the end. It passes by returning, and fails by calling fail with a sentence. run
# keeps what the tool said in $work/out and $work/err, and its status is held against the one that was expected. Whatever fails
# says so in one sentence: run sees to that, too.
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
built=${1:?usage: tool.sh TOOL}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
# Another user has to be able to run it.
chmod 755 "$work"
cp "$built" "$work/sdei-nmi" || exit 2
tool=$work/sdei-nmi
root=$work/root
unset NO_COLOR

fail() {
	echo "$*"
	exit 1
}

# put FILE TEXT: a file of the tree, with the escapes of printf.
put() {
	mkdir -p "$root/$(dirname "$1")"
	# shellcheck disable=SC2059
	printf "$2" >"$root/$1"
}

# A server whose firmware has SDEI, with the module installed and not loaded.
server() {
	rm -rf "$root"
	put proc/sys/kernel/osrelease '6.12.0-test\n'
	put proc/version 'Linux version 6.12.0-test\n'
	put proc/cmdline 'root=/dev/sda\n'
	put proc/mounts 'debugfs /sys/kernel/debug debugfs rw 0 0\n'
	put proc/device-tree/firmware/sdei/compatible 'arm,sdei-1.0\0'
	put proc/device-tree/firmware/sdei/method 'smc\0'
	put proc/device-tree/model 'A board\0'
	put boot/config-6.12.0-test 'CONFIG_ARM_SDE_INTERFACE=y\n# CONFIG_ARM_SDEI_NMI is not set\n'
	put lib/modules/6.12.0-test/modules.dep 'updates/sdei_nmi.ko.xz:\n'
	put dev/kmsg '6,0,100,-;psci: PSCIv1.1 detected in firmware.\n6,1,594099,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n'
	put sys/devices/system/cpu/online '0-3\n'
	put sys/devices/system/cpu/present '0-4\n'
	for cpu in 0 1 2 3; do
		put "sys/devices/system/cpu/cpu$cpu/regs/identification/midr_el1" '0x00000000410fd0c1\n'
	done
}

# reply CPU TEXT: what a ping of that CPU gives.
reply() {
	put "sys/kernel/debug/sdei_nmi/ping/$1" "$2"
}

answered='result: answered\nsignal_ns: 900\ndelivery_ns: 2000\nround_ns: 2500\nfloor_ns: 300\n'

# The same with the driver at work: CPUs 1 and 2 spin in a function, 0 asks, 3 is idle, 4 offline.
serving() {
	server
	put sys/module/sdei_nmi/initstate 'live\n'
	put sys/module/sdei_nmi/srcversion '0123456789ABCDEF\n'
	put sys/kernel/sdei_nmi/state 'serving\n'
	put sys/kernel/sdei_nmi/version '1.0\n'
	put sys/kernel/sdei_nmi/vendor '0x0\n'
	put sys/kernel/sdei_nmi/conduit 'smc\n'
	put sys/kernel/sdei_nmi/cpus_reachable '0-2\n'
	put sys/kernel/sdei_nmi/cpus_idle '3\n'
	put sys/kernel/sdei_nmi/cpus_down '4\n'
	value=1
	for name in signals_sent signals_held_off signals_refused_not_supported signals_refused_invalid_parameters \
		signals_refused_denied signals_refused_pending signals_refused_out_of_resource signals_refused_unknown deliveries \
		deliveries_stray ipi_fallbacks late_answers requests requests_turned_away cpus_asked cpus_answered cpus_named snapshots; do
		put "sys/kernel/sdei_nmi/counters/$name" "$value\n"
		value=$((value + 1))
	done
	put sys/kernel/sdei_nmi/counters/longest_held_ns '1000005000\n'
	for cpu in 0 1 2 3; do
		reply $cpu "$answered"
	done
	snapshot=$root/sys/kernel/debug/sdei_nmi/stacks
	cat >"$snapshot" <<-'END'
		sdei_nmi stacks 1
		taken_ns: 5000
		online: 0-3
		addresses: shown

		cpu: 0
		state: self
		by: self
		interrupts: on
		task: sdei-nmi
		pid: 200
		uid: 0
		stack:
		 ffff800080010000 stacks_open+0x10/0x80 [sdei_nmi]
		 ffff800080020000 do_dentry_open+0x20/0x400

		cpu: 1
		state: kernel
		by: event
		interrupts: off
		waiting_ns: 2000000000
		answered_ns: 20000
		held_ns: 5000
		task: spin/1
		pid: 167
		uid: 0
		pstate: 814003c9
		pc: ffff80007ab3a600 wedge_spin+0x30/0x60 [wedge]
		sp: ffff80008403be20
		stack:
		 ffff80007ab3a600 wedge_spin+0x30/0x60 [wedge]
		 ffff800080030000 kthread+0xec/0xf8

		cpu: 2
		state: kernel
		by: event
		interrupts: off
		waiting_ns: 12400000000
		task: spin/2
		pid: 168
		uid: 0
		pstate: 814003c9
		pc: ffff80007ab3a604 wedge_spin+0x34/0x60 [wedge]
		stack:
		 ffff80007ab3a604 wedge_spin+0x34/0x60 [wedge]
		 ffff800080030000 kthread+0xec/0xf8

		cpu: 3
		state: idle
		by: interrupt
		interrupts: on
		task: swapper/3
		pid: 0
		uid: 0
		stack:
		 ffff800080040000 cpu_do_idle+0x8/0x10

		cpu: 4
		state: offline
	END
}

# run STATUS ARGUMENT...
run() {
	wanted=$1
	shift
	got=0
	timeout 30 "$tool" --root "$root" "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
	said "$@"
}

# said ARGUMENT...: it ended as it was wanted to, and if it failed, with a sentence.
said() {
	[ "$got" = "$wanted" ] || fail "'$*' ended with $got, not $wanted: $(cat "$work/err")"
	case $got in
	0) ;;
	2) head -n 1 "$work/err" | grep -q '^sdei-nmi[^:]*: .' || fail "'$*' says no sentence: $(cat "$work/err")" ;;
	*)
		# status says it on its standard output.
		if [ ! -s "$work/err" ]; then
			case " $* " in
			*' status '*) grep -q -e '^not available: ' -e '"cause": "' "$work/out" || fail "'$*' tells no cause" ;;
			*) fail "'$*' failed without a word" ;;
			esac
		else
			[ "$(grep -c '^sdei-nmi: .*[:;] .*\.$' "$work/err")" = 1 ] && [ "$(wc -l <"$work/err")" = 1 ] ||
				fail "'$*' does not say one sentence with cause and remedy: $(cat "$work/err")"
		fi
		;;
	esac
}

# out TEXT..., err TEXT...: it was said.
out() {
	for text; do
		grep -qF -e "$text" "$work/out" || fail "not in the output: '$text' in: $(cat "$work/out")"
	done
}

err() {
	for text; do
		grep -qF -e "$text" "$work/err" || fail "not among the errors: '$text' in: $(cat "$work/err")"
	done
}

no_out() {
	! grep -qF -e "$1" "$work/out" || fail "in the output: '$1'"
}

# valid NAME [lines]: the output is JSON, as tool/schema/NAME.json says.
valid() {
	python3 - "$top/tool/schema/$1.json" "$work/out" "${2:-whole}" >"$work/schema" 2>&1 <<-'END' || fail "its JSON is not as its schema says: $(tail -n 3 "$work/schema")"
		import json, sys
		import jsonschema

		def unique(pairs):
		    keys = [key for key, value in pairs]
		    if len(keys) != len(set(keys)):
		        raise ValueError("a key is there twice")
		    return dict(pairs)

		with open(sys.argv[1]) as file:
		    schema = json.load(file)
		jsonschema.Draft7Validator.check_schema(schema)
		with open(sys.argv[2], "rb") as file:
		    text = file.read().decode("utf-8", "strict")
		documents = text.splitlines() if sys.argv[3] == "lines" else [text]
		if not documents:
		    sys.exit("there is none")
		for document in documents:
		    jsonschema.Draft7Validator(schema).validate(json.loads(document, object_pairs_hook=unique))
	END
}

# A module with checks of all kinds, and what it answers. The device is stood in for by tests/tool/device.c, preloaded.
device() {
	export DEVICE="$work/device"
	[ -e "$work/device.so" ] || cc -shared -fPIC -o "$work/device.so" "$here/device.c" || fail "the device's stand-in does not build"
	rm -rf "$DEVICE"
	mkdir "$DEVICE"
	printf 'power.off\trelied\tdestructive\t9\tDEN0022 CPU_OFF\tit comes back\tno kdump\ndiscovery.version\trelied\t-\t1\tDEN0054 SDEI_VERSION\t1.x\tno driver\nsignal.own\tspec\t-\t5\tDEN0054 SDEI_EVENT_SIGNAL\tit comes\tnothing\n' >"$DEVICE/list"
	printf 'sdei_version\t1.0\nsdei_vendor\t0x0\ncpus\t0-1\nnovel\t<b>\n' >"$DEVICE/about"
	printf '' >"$DEVICE/destructive"
	printf 'result\tpass\ncame\t1.0\n' >"$DEVICE/run discovery.version"
	printf 'result\tpass\nnote\tp99 2 us\n' >"$DEVICE/run signal.own"
	printf 'result\tpass\n' >"$DEVICE/run power.off"
}

# on_device STATUS ARGUMENT...: validate, with that device.
on_device() {
	wanted=$1
	shift
	got=0
	rm -f "$DEVICE/log"
	LD_PRELOAD="$work/device.so" timeout 30 "$tool" validate "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
	said validate "$@"
}

# asked TEXT: the commands that the device got.
asked() {
	[ "$(paste -sd , "$DEVICE/log")" = "$1" ] || fail "it was asked $(paste -sd , "$DEVICE/log"), not $1"
}

# json EXPRESSION: true of the output d.
json() {
	python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$work/out" "$1" ||
		fail "not so in its JSON: $1 in: $(cat "$work/out")"
}

# as_nobody COMMAND...: without root's rights.
as_nobody() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all "$@"
	else
		"$@"
	fi
}

# on_terminal COMMAND: its output, to a terminal.
on_terminal() {
	timeout 30 script -qec "$1" /dev/null >"$work/out" 2>&1 </dev/null
}

status_of_a_machine_that_is_served() {
	serving
	run 0 status
	out serving 'SDEI 1.0' 'called by smc' 'served by us' 'reachable 0-2, in deep idle 3, down 4' 'signals_sent'
	run 0 status --json
	valid status
	json 'd["available"] and d["event0"] == "ours" and d["counters"]["requests"] == 13 and d["problem"] is None'
	put sys/kernel/sdei_nmi/state 'suspended\n'
	run 0 status
	out 'not serving just now: suspended'
}

status_names_the_step_that_failed() {
	server
	run 3 status
	out 'the module is not loaded' 'modprobe sdei_nmi' 'free' 'installed: yes'
	put lib/modules/6.12.0-test/modules.dep 'kernel/other.ko:\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "installed" and d["module"]["installed"] is False'
	server
	rm -r "$root/proc/device-tree/firmware"
	put dev/kmsg '6,0,100,-;x\n'
	run 3 status
	out 'describes SDEI' 'setup menu' 'there is none'
	server
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,1,2,-;sdei: Failed to reset platform: -95\n3,2,3,-;sdei: disabling SDEI firmware interface\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "kernel core" and d["firmware"]["failure"] == "sdei: Failed to reset platform: -95"'
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n4,1,2,-;sdei: Failed to create event 0: -16\n'
	run 3 status --json
	json 'd["problem"]["step"] == "loaded" and d["firmware"]["failure"] is None'
	put dev/kmsg '3,0,1,-;sdei: Not supported on this hardware/boot configuration\n3,1,3,-;sdei: disabling SDEI firmware interface\n'
	run 3 stacks
	err 'at EL1'
	server
	put boot/config-6.12.0-test 'CONFIG_ARM_SDEI_NMI=y\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "event 0" and d["event0"] == "taken" and d["others"]["kernel_sdei_nmi"]'
	server
	put sys/module/sdei_nmi/initstate 'live\n'
	run 3 status --json
	json 'd["problem"]["step"] == "files" and d["module"]["loaded"]'
}

status_tells_why_a_load_failed() {
	server
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,1,2,-;sdei_nmi: registering event 0 failed: another part of this kernel owns it; nothing was changed\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "event 0" and "another part" in d["module"]["load_failure"]'
	put dev/kmsg '4,0,2,-;sdei_nmi: module verification failed: signature and/or required key missing - tainting kernel\n'
	run 3 status --json
	json 'd["problem"]["step"] == "loaded"'
	put dev/kmsg '3,0,2,-;sdei_nmi: probing event 0 failed: the firmware took a signal\n6,1,3,-;sdei_nmi: backtraces and stops reach CPUs that have interrupts masked, by SDEI event 0\n6,2,4,-;sdei_nmi: unloaded; backtraces are the kernel'"'"'s own again\n'
	run 3 status --json
	json 'd["problem"]["step"] == "loaded" and d["module"]["load_failure"] is None'
	put dev/kmsg "3,0,2,-;sdei_nmi: version magic '6.1 SMP' should be '6.12 SMP'\n"
	run 3 status
	out 'version magic' 'make module'
	put dev/kmsg '5,0,2,-;Loading of unsigned module is rejected\n'
	run 3 status
	out 'signed' 'mokutil'
	server
	put sys/kernel/security/lockdown 'none [integrity] confidentiality\n'
	run 3 stacks
	err 'lockdown: integrity' 'mokutil'
}

status_says_who_else_is_there() {
	serving
	put proc/cmdline 'quiet irqchip.gicv3_pseudo_nmi=1\n'
	run 0 status --json
	json 'd["others"]["pseudo_nmi"] is True'
	server
	rm -r "$root/proc/device-tree/firmware" "$root/dev/kmsg"
	put sys/class/dmi/id/sys_vendor 'QEMU\n'
	run 3 status --json
	valid status
	json 'd["likely_guest_of"] == "QEMU" and "likely a virtual machine" in d["problem"]["cause"] and not d["kernel_log_readable"]'
	put sys/class/dmi/id/sys_vendor 'Amazon EC2\n'
	put sys/class/dmi/id/product_name 'm6g.metal\n'
	run 3 status --json
	json 'd["likely_guest_of"] is None'
	put sys/firmware/acpi/tables/SDEI 'SDEI'
	run 3 status --json
	json 'd["firmware"]["described_by"] == "ACPI" and d["problem"]["step"] == "loaded"'
}

stacks_that_are_equal_stand_together() {
	serving
	run 0 stacks
	out '2 CPUs with the same stack: 1-2' 'idle: CPU 3' 'offline: CPU 4' 'wedge_spin+0x34/0x60 [wedge]' 'its timer has been waiting for 12.4 s'
	no_out 'cpu_do_idle'
	no_out 'wedge_spin+0x30/0x60'
	[ "$(grep -n 'CPUs with the same' "$work/out" | cut -d : -f 1)" = 1 ] || fail "who waits longest does not come first"
	run 0 stacks --all
	out 'cpu_do_idle' 'wedge_spin+0x30/0x60'
	no_out 'same stack'
	run 0 stacks --json
	valid stacks
	json 'd["groups"] == [[2, 1], [0]] and len(d["cpus"]) == 5 and d["cpus"][1]["stack"][0]["address"] == "0xffff80007ab3a600"'
}

stacks_for_flame_graphs() {
	serving
	run 0 stacks --folded
	printf '%s\n' 'sdei-nmi;do_dentry_open;stacks_open [sdei_nmi] 1' 'spin/1;kthread;wedge_spin [wedge] 1' \
		'spin/2;kthread;wedge_spin [wedge] 1' 'swapper;cpu_do_idle 1' | cmp -s - "$work/out" || fail "folded is $(cat "$work/out")"
	run 2 stacks --folded --json
	run 2 stacks --folded --all
}

stacks_of_chosen_cpus() {
	serving
	run 0 stacks -c 1,3
	out 'CPU 1' 'idle: CPU 3'
	no_out 'CPU 2'
	run 2 stacks -c 4
	err 'CPU 4 is offline'
	run 2 stacks -c 0-5
	err 'CPU 4 is offline'
	run 2 stacks -c 5
	err 'has no CPU 5'
	run 0 stacks -c 3 --json
	valid stacks
	json '[c["cpu"] for c in d["cpus"]] == [3] and d["groups"] == []'
}

stacks_of_silent_cpus() {
	serving
	sed -i '/^cpu: 3$/,/^cpu: 4$/c\cpu: 3\nstate: silent\nreason: it was asked by event 0\n\ncpu: 4' "$snapshot"
	run 5 stacks
	out 'CPU 3  silent: it was asked by event 0'
	err '1 CPU did not answer'
	run 5 stacks --json
	valid stacks
	run 5 stacks --folded
	run 0 stacks -c 0-2
}

# As many as there may be, each with a stack that differs at its end.
stacks_of_thousands_of_cpus() {
	serving
	awk 'BEGIN {
		print "sdei_nmi stacks 1\nonline: 0-4095\n"
		for (c = 0; c < 4096; c++) {
			printf "cpu: %d\nstate: kernel\ntask: t%d\nstack:\n", c, c
			for (d = 0; d < 100; d++)
				printf " %x f%d+0x4/0x40\n", 4096 + d + (d == 99 ? int(c / 2) : 0), d
			print ""
		}
	}' >"$snapshot"
	# Seconds of a CPU, however busy the host is.
	# shellcheck disable=SC3045 # dash and bash have it
	(ulimit -t 5 && run 0 stacks) || exit 1
	[ "$(grep -c '^2 CPUs with the same stack' "$work/out")" = 2048 ] || fail "4096 CPUs are not 2048 pairs"
}

stacks_watched() {
	serving
	run 0 stacks --watch 0.01 --count 3 --json
	[ "$(wc -l <"$work/out")" = 3 ] || fail "three snapshots are $(wc -l <"$work/out") lines"
	valid stacks lines
	run 0 stacks -w 0 -n 2
	[ "$(grep -c '^idle' "$work/out")" = 2 ] || fail "there are not two snapshots"
	run 2 stacks --count 3
	for seconds in '' -1 nan 1e3 86401 x 1x; do
		run 2 stacks "--watch=$seconds"
	done
}

stacks_that_can_not_be_understood() {
	for text in '' 'sdei_nmi stacks 1' 'sdei_nmi stacks 2\n' 'sdei_nmi stacks 1\n\ncpu: 0\nstate: kernel\nstack:\n zz' 'sdei_nmi stacks 1\n\ncpu: x\n' \
		'sdei_nmi stacks 1\nonline: 0-3\n\ncpu: 0\nstate: idle\n' '\0\0\0' '\377\377\n'; do
		serving
		put sys/kernel/debug/sdei_nmi/stacks "$text"
		run 1 stacks
		err "can't be understood in line"
		[ ! -s "$work/out" ] || fail "half a snapshot was shown"
	done
}

stacks_with_hostile_names() {
	serving
	put sys/kernel/debug/sdei_nmi/stacks 'sdei_nmi stacks 1\n\ncpu: 0\nstate: kernel\ntask: a\033[2J\\nb\377\302\233\342\200\256;"\\\\ 1\nreason: \001\nby: \r\npc: 10 f\033+0x0/0x4 [m]\nstack:\n 10 f\033+0x0/0x4 [m]\n'
	for how in '' --all --folded; do
		# shellcheck disable=SC2086
		run 0 stacks $how
		! LC_ALL=C grep -q '[^ -~]' "$work/out" || fail "what is not printable got through ($how)"
	done
	run 0 stacks --json
	valid stacks
	json 'd["cpus"][0]["task"] == r"""a\x1b[2J\x0ab\xff\xc2\x9b\xe2\x80\xae;"\\ 1"""'
	run 0 stacks --folded
	out 'a\x1b[2J\x0ab\xff\xc2\x9b\xe2\x80\xae:"\\ 1;f\x1b [m] 1'
}

ping_tells_times() {
	serving
	run 0 ping -n 20 -i 0
	out '1        20/20   2.50 us   2.50 us   2.50 us   2.50 us    300 ns' '2.00 us to  5.00 us         80'
	run 0 ping -c 1,3 -n 7 -i 0 --json
	valid ping
	json '[c["cpu"] for c in d["cpus"]] == [1, 3] and d["cpus"][0]["answered"] == 7 and d["cpus"][0]["round_ns"]["p99"] == 2500'
	json 'd["cpus"][0]["histogram"] == [{"below_ns": 5000, "count": 7}] and d["cpus"][1]["floor_ns"]["median"] == 300'
}

ping_says_who_did_not_answer() {
	serving
	reply 1 'result: held-off\nreason: deep idle\nfloor_ns: 300\n'
	reply 2 'result: refused\nreason: signals_refused_denied\nfloor_ns: 300\n'
	reply 3 'result: silent\nsignal_ns: 900\nfloor_ns: 300\n'
	run 5 ping -n 5 -i 0
	err 'CPUs 1-3'
	out 'CPU 1  held off: deep idle, 5 times' 'CPU 2  refused by the firmware: signals_refused_denied, 5 times' \
		'CPU 3  silent, 3 times' 'was left alone after 3 in a row'
	run 5 ping -n 5 -i 0 --json
	valid ping
	json 'd["cpus"][3]["sent"] == 3 and [c["failed"] for c in d["cpus"]] == [False, True, True, True]'
	run 0 ping -c 0 -n 2
}

ping_that_can_not_be_understood() {
	for text in '' 'result: answered\n' 'result: maybe\n' 'result: answered\nround_ns: -5\n' '\0' 'x'; do
		serving
		reply 1 "$text"
		run 1 ping -n 1
		err "ping/1 can't be understood"
	done
	serving
	rm "$root/sys/kernel/debug/sdei_nmi/ping/2"
	run 3 ping -n 1
}

trigger_asks_the_kernel() {
	serving
	put proc/sysrq-trigger ''
	run 0 trigger
	[ "$(cat "$root/proc/sysrq-trigger")" = l ] || fail "l was not written"
	run 0 trigger --json
	valid trigger
	json 'd["serving"] and d["log"] is None'
	(sleep 0.3 && printf '6,2,7000000,-;NMI backtrace for cpu 2\n SUBSYSTEM=x\n4,3,7000001,-;pc : wedge_spin \\x1b\n' >>"$root/dev/kmsg") &
	run 0 trigger --print
	wait
	printf '%s\n' '[    7.000000] NMI backtrace for cpu 2' '[    7.000001] pc : wedge_spin \x1b' | cmp -s - "$work/out" ||
		fail "it printed $(cat "$work/out")"
	(sleep 0.3 && printf '6,4,8000000,-;x\n' >>"$root/dev/kmsg") &
	run 0 trigger --print --json
	wait
	valid trigger
	json 'd["log"] == [{"time_us": 8000000, "level": 6, "text": "x"}]'
	server
	put proc/sysrq-trigger ''
	run 0 trigger
	err 'the driver does not serve'
	rm "$root/proc/sysrq-trigger"
	run 3 trigger
	err 'sysrq'
	put proc/sysrq-trigger ''
	rm "$root/dev/kmsg"
	run 1 trigger --print
	err 'kernel log'
}

report_has_it_all() {
	serving
	put var/lib/sdei-nmi/validation.json '{"passed": 12}\n'
	run 0 report
	out '== status' 'signals_sent' 'A board' 'psci: PSCIv1.1' '0x00000000410fd0c1: CPUs 0-3' 'SDEIv1.0 (0x0) detected' '{"passed":12}' \
		'"format": "sdei-nmi-report"'
	run 0 report --json
	valid report
	json 'd["validation"]["passed"] == 12 and d["machine"]["midr_el1"] == {"0x00000000410fd0c1": "0-3"}'
	json 'd["status"]["module"]["srcversion"] == "0123456789ABCDEF" and len(d["kernel_log"]["lines"]) == 2'
	run 0 report -o "$work/report"
	grep -q '"format": "sdei-nmi-report"' "$work/report" || fail "the file is not a report"
	[ ! -s "$work/out" ] || fail "the file's report is on the standard output, too"
	for text in '{"passed":' '' '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[' '{} {}' '\377'; do
		put var/lib/sdei-nmi/validation.json "$text"
		run 0 report --json
		valid report
		json 'd["validation"] is None'
	done
	server
	run 0 report --json
	valid report
	rm -rf "$root"
	mkdir "$root"
	run 0 report --json
	valid report
}

validate_speaks_ktap() {
	device
	on_device 0
	asked 'list,about,run discovery.version,run signal.own'
	printf '%s\n' 'KTAP version 1' 1..3 '# 2 checks, at most 6 seconds' '# 1 left out, as --destructive was not given' \
		'# about: sdei_version: 1.0' '# about: sdei_vendor: 0x0' '# about: cpus: 0-1' '# about: novel: <b>' '# came: 1.0' \
		'ok 1 discovery.version' '# note: p99 2 us' 'ok 2 signal.own' \
		'ok 3 power.off # SKIP can leave the machine without a CPU on faulty firmware; --destructive runs it' \
		'# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:1 error:0' \
		'# verdict: partial: nothing that was run speaks against event 0; 1 check that the driver relies on was not run' |
		cmp -s - "$work/out" || fail "it said $(cat "$work/out")"
	on_device 0 --check signal --check discovery.version
	asked 'list,about,run discovery.version,run signal.own'
	out 1..2 'verdict: partial'
	on_device 0 --check signal.own --json
	valid validate
	json '[c["name"] for c in d["checks"]] == ["signal.own"] and d["verdict"]["not_run"] == ["discovery.version", "power.off"]'
	on_device 2 --check signal --check signals
	err "neither a check nor a topic 'signals'"
	printf 'result\tfail\ncame\tnothing\n' >"$DEVICE/run signal.own"
	on_device 0
	out 'not ok 2 signal.own' '# expected: it comes' '# came: nothing' '# section: DEN0054 SDEI_EVENT_SIGNAL' '# means: nothing'
	on_device 0 --destructive
	out '# verdict: event 0 can be relied on; deviations that the driver copes with: signal.own'
	printf 'result\tfail\ncame\t2.0\nlost\t1\n' >"$DEVICE/run discovery.version"
	on_device 6 --destructive
	out '# verdict: event 0 cannot be relied on: discovery.version' 'restart the machine'
	err 'discovery.version; ask the vendor'
}

validate_writes_reports() {
	device
	rm -rf "$work/reports"
	mkdir "$work/reports"
	printf 'result\tfail\ncame\t<i>|\033\n' >"$DEVICE/run signal.own"
	on_device 0 -o "$work/reports/a.json" -o "$work/reports/a.md" --output="$work/reports/a.html"
	[ "$(echo "$work/reports"/* "$work/reports"/.s*)" = "$work/reports/a.html $work/reports/a.json $work/reports/a.md $work/reports/.s*" ] ||
		fail "there is $(ls -A "$work/reports")"
	out 'KTAP version 1'
	grep -qF '| signal.own | FAIL | spec |' "$work/reports/a.md" || fail "no row: $(cat "$work/reports/a.md")"
	grep -qF '\<i\>\|\\x1b' "$work/reports/a.md" || fail "not escaped: $(cat "$work/reports/a.md")"
	grep -qF '&lt;i&gt;|\x1b' "$work/reports/a.html" || fail "not escaped: $(cat "$work/reports/a.html")"
	python3 - "$work/reports/a.html" <<-'END' || fail "its HTML is not well-formed"
		import html.parser, sys

		class Parser(html.parser.HTMLParser):
		    stack = []

		    def handle_starttag(self, tag, attributes):
		        if tag not in ("meta", "br"):
		            self.stack.append(tag)

		    def handle_endtag(self, tag):
		        assert self.stack.pop() == tag

		parser = Parser()
		parser.feed(open(sys.argv[1]).read())
		assert not parser.stack
	END
	cp "$work/reports/a.json" "$work/out"
	valid validate
	json 'd["firmware"]["novel"] == "<b>" and d["verdict"]["deviations"] == ["signal.own"] and d["machine"]["kernel_release"]'
	json 'd["checks"][2]["result"] == "skip" and d["checks"][1]["came"] == "<i>|\\x1b"'
	on_device 1 -o "$work/nowhere/x.json"
	[ ! -e "$DEVICE/log" ] || fail "it ran checks, and then had nowhere to write"
}

# What may cost the machine is asked for last, and is in the reports before that.
validate_runs_destructive_checks_last() {
	device
	printf 'wait' >"$DEVICE/run power.off"
	rm -rf "$work/reports"
	mkdir "$work/reports"
	LD_PRELOAD="$work/device.so" "$tool" validate --destructive -o "$work/reports/a.json" >"$work/ktap" 2>"$work/err" </dev/null &
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		! grep -q power.off "$DEVICE/log" 2>/dev/null || break
		sleep 0.3
	done
	asked 'list,about,run discovery.version,run signal.own,destructive,run power.off'
	cp "$work/reports/a.json" "$work/out"
	valid validate
	json 'd["checks"][2]["result"] == "running" and "did not come back" in d["checks"][2]["came"] and d["verdict"]["answer"] == "unreliable"'
	tail -n 1 "$work/ktap" | grep -q '^# running: power.off' || fail "the last line is not what runs: $(tail -n 1 "$work/ktap")"
	kill $!
	got=0
	wait $! || got=$?
	[ "$got" = 1 ] || fail "interrupted, it ends with $got"
	grep -q '^ok 3 power.off # SKIP interrupted' "$work/ktap" || fail "it said $(cat "$work/ktap")"
	cp "$work/reports/a.json" "$work/out"
	json 'd["checks"][2]["result"] == "skip" and d["verdict"]["answer"] == "partial"'
}

validate_survives_what_the_module_does() {
	for list in '' 'x' 'a.b\trelied\n' '\0' 'a.b\tmaybe\t-\t1\tx\ty\tz\n'; do
		device
		# shellcheck disable=SC2059
		printf "$list" >"$DEVICE/list"
		on_device 1
		err 'list of checks can'
	done
	device
	head -c 70000 /dev/zero | tr '\0' a >"$DEVICE/list"
	on_device 1
	err 'Message too long'
	device
	echo errno 5 >"$DEVICE/about"
	on_device 1
	err 'Input/output error'
	device
	printf 'result\tmaybe\n' >"$DEVICE/run discovery.version"
	echo errno 19 >"$DEVICE/run signal.own"
	echo errno 1 >"$DEVICE/destructive"
	on_device 1 --destructive
	out 'ok 1 discovery.version # SKIP what the module answered' 'ok 2 signal.own # SKIP No such device' 'ok 3 power.off # SKIP Operation not permitted'
	device
	printf 'power.a\trelied\tprogram\t9\tx\ty\tz\n' >"$DEVICE/list"
	on_device 0
	[ "$(uname -m)" = aarch64 ] || out 'ok 1 power.a # SKIP the programs are there on arm64 only'
}

# What does not end in its time has failed. Ten seconds beyond are the module's own.
validate_waits_no_longer_than_it_said() {
	device
	printf 'signal.own\trelied\t-\t0\tx\ty\tz\nsignal.two\tspec\t-\t0\tx\ty\tz\n' >"$DEVICE/list"
	printf 'wait' >"$DEVICE/run signal.own"
	printf 'result\tpass\n' >"$DEVICE/run signal.two"
	on_device 6
	out '# came: it did not end in the time it takes at most' 'not ok 1 signal.own' 'ok 2 signal.two'
}

validate_says_why_it_can_not() {
	server
	run 3 validate
	err 'sdei_nmi_validate is not loaded' 'modprobe sdei_nmi_validate'
	serving
	run 3 validate
	err 'rmmod sdei_nmi'
	put dev/sdei_nmi_validate ''
	run 3 validate --json
	err '--root'
	[ ! -s "$work/out" ] || fail "it says something on its standard output"
	server
	rm -r "$root/proc/device-tree/firmware"
	put dev/kmsg '6,0,100,-;x\n'
	run 3 validate
	err 'describes SDEI'
	device
	for errno in 1 13; do
		export DEVICE_ERRNO=$errno
		on_device 4
	done
	for errno in 2 16 19 95; do
		export DEVICE_ERRNO=$errno
		on_device 3
	done
	export DEVICE_ERRNO=5
	[ "$(uname -m)" != aarch64 ] || on_device 1
	unset DEVICE_ERRNO
	for arguments in '-o x' '-o x.txt' '-o -' '-o x.json.' '--check A' '--check a..b' '--check .a' '--check=' '--cpus 1' x '-o'; do
		# shellcheck disable=SC2086
		run 2 validate $arguments
		[ ! -s "$work/out" ] || fail "'$arguments' goes to the standard output"
	done
	run 2 validate -o x.txt
	err 'in .json, .md or .html'
	run 2 validate --check "$(printf 'a\033[2J')"
	! grep -q "$(printf '\033')" "$work/err" || fail "an escape sequence got through"
}

# What a collector takes: each metric is announced once, before its samples, and named by the rules.
metrics_format() {
	awk '
		function bad(what) { print FILENAME ": " what ": " $0; failed = 1 }
		/^# HELP / { if ($3 in help) bad("a second HELP"); if (NF < 4) bad("HELP says nothing"); help[$3] = 1; next }
		/^# TYPE / {
			if (!($3 in help) || $3 in type) bad("TYPE without HELP, or again")
			if ($4 != ($3 ~ /_total$/ ? "counter" : "gauge")) bad("the name does not go with the type")
			type[$3] = last = $4; family = $3; next
		}
		/^#/ || NF == 0 { bad("neither sample nor announcement"); next }
		{
			if (!match($0, /^[a-z_]+(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? /)) { bad("no sample"); next }
			series = substr($0, 1, RLENGTH - 1); value = substr($0, RLENGTH + 1); name = series; sub(/\{.*/, "", name)
			if (name != family) bad("not announced just before")
			if (series in seen) bad("twice")
			if (value !~ /^[0-9]+(\.[0-9]+)?$/) bad("no number")
			if (name !~ /^sdei_nmi_/ || name ~ /_(ns|ms|us)$|_(ns|ms|us)_/) bad("the name does not go with the rules")
			seen[series] = 1; samples++
		}
		END { if (!samples) { print "no samples"; failed = 1 } exit failed }' "$work/out" >"$work/format" || fail "$(cat "$work/format")"
}

metrics_for_a_collector() {
	server
	run 0 metrics
	metrics_format
	out 'sdei_nmi_up 0'
	run 0 metrics --json
	valid metrics
	serving
	run 0 metrics
	metrics_format
	out 'sdei_nmi_up 1' 'sdei_nmi_serving 1' 'sdei_nmi_info{version="1.0",vendor="0x0",conduit="smc"} 1' 'sdei_nmi_cpus{reach="reachable"} 3' \
		'sdei_nmi_signals_refused_total{reason="denied"} 5' 'sdei_nmi_longest_held_seconds 1.000005000' 'sdei_nmi_requests_total 13'
	run 0 metrics --json
	valid metrics
	json 'd["up"] and d["counters"]["snapshots"] == 18 and d["cpus"]["down"] == "4"'
	# A driver that lacks a file, or has nonsense in it.
	rm "$root/sys/kernel/sdei_nmi/counters/late_answers"
	put sys/kernel/sdei_nmi/counters/requests '-1\n'
	put sys/kernel/sdei_nmi/cpus_idle '3-1\n'
	run 0 metrics
	metrics_format
	no_out late_answers
	no_out 'sdei_nmi_requests_total'
	no_out 'sdei_nmi_cpus{'
}

metrics_into_a_file() {
	serving
	mkdir "$work/prom"
	echo old >"$work/prom/sdei.prom"
	(umask 022 && run 0 metrics -o "$work/prom/sdei.prom") || exit 1
	cp "$work/prom/sdei.prom" "$work/out"
	metrics_format
	[ "$(stat -c %a "$work/prom/sdei.prom")" = 644 ] || fail "others can't read it"
	[ "$(ls -A "$work/prom")" = sdei.prom ] || fail "there is more than the file: $(ls -A "$work/prom")"
	run 1 metrics -o "$work/nowhere/x.prom"
	run 1 metrics -o "$work/prom"
	run 1 metrics -o /dev/null
	run 2 metrics -o ''
	[ "$(id -u)" != 0 ] || {
		status=0
		as_nobody "$tool" --root "$root" metrics -o "$work/prom/sdei.prom" 2>"$work/err" || status=$?
		[ $status = 4 ] || fail "who may not write there gets $status: $(cat "$work/err")"
	}
}

arguments_that_are_none() {
	serving
	for arguments in '' nonsense --nonsense 'status extra' 'status --cpus 1' 'stacks --cpus' 'ping -n 0' 'ping -n -1' 'ping -n 1x' 'ping -n 99999999999999999999' \
		'ping -n 1000001' 'ping -i -1' 'ping -i nan' 'trigger x' 'report x' 'metrics x' 'ping x' 'stacks x' '--root= status' 'metrics --folded' \
		'stacks -w' 'ping -i 3601'; do
		# shellcheck disable=SC2086
		run 2 $arguments
		[ ! -s "$work/out" ] || fail "'$arguments' goes to the standard output"
	done
	run 2 ''
	run 2 ping -n ''
	# Before the subcommand or behind it.
	run 0 --json status
	valid status
	run 0 -j stacks
	valid stacks
}

lists_of_cpus_that_are_none() {
	serving
	for subcommand in stacks ping; do
		for list in '' ',' '1,' ',1' - 1- -1 2-1 1--2 all 0x1 1:2 0-4294967295999 99999999999999999999 8192 '1 2' "$(printf 'a\033[2J')"; do
			run 2 $subcommand "--cpus=$list"
			err 'the list of CPUs'
			! grep -q "$(printf '\033')" "$work/err" || fail "an escape sequence got through"
		done
		run 2 $subcommand -c 4
		err 'CPU 4 is offline'
		run 2 $subcommand -c 0-8191
		run 2 $subcommand -c 77
		err 'no CPU 77'
	done
}

output_that_does_not_arrive_is_a_failure() {
	serving
	put proc/sysrq-trigger ''
	for arguments in status stacks 'stacks --folded' 'stacks --json' 'stacks -w 0 -n 3' 'ping -n 1' trigger report metrics 'metrics --json' --help \
		'stacks --help' --version --usage; do
		# shellcheck disable=SC2086
		{
			status=0
			timeout 30 "$tool" --root "$root" $arguments >/dev/full 2>"$work/err" || status=$?
			[ $status = 1 ] || fail "'$arguments' to a full disk ends with $status"
			grep -q '^sdei-nmi: the output could not be written: No space left' "$work/err" || fail "'$arguments' does not say that the disk is full"
			status=0
			timeout 30 "$tool" --root "$root" $arguments >&- 2>"$work/err" || status=$?
			[ $status = 1 ] || fail "'$arguments' to a closed output ends with $status: $(cat "$work/err")"
		}
	done
	# Nobody reads any more.
	(
		status=0
		timeout 30 "$tool" --root "$root" stacks -w 0 -n 100000 2>"$work/err" || status=$?
		echo $status >"$work/status"
	) | head -n 1 >/dev/null
	[ "$(cat "$work/status")" = 1 ] || fail "a broken pipe ends with $(cat "$work/status")"
	grep -q 'Broken pipe' "$work/err" || fail "a broken pipe is not named: $(cat "$work/err")"
	# All three are closed.
	status=0
	timeout 30 "$tool" --root "$root" stacks <&- >&- 2>&- || status=$?
	[ $status = 1 ] || fail "with all closed it ends with $status"
}

colours_come_on_a_terminal_only() {
	serving
	esc=$(printf '\033')
	run 0 stacks
	no_out "$esc"
	on_terminal "TERM=xterm '$tool' --root '$root' stacks" || fail "it fails on a terminal"
	out "${esc}[1m"
	on_terminal "TERM=xterm NO_COLOR=1 '$tool' --root '$root' stacks" || fail "it fails on a terminal"
	no_out "$esc"
	on_terminal "TERM=xterm NO_COLOR= '$tool' --root '$root' status" || fail "it fails on a terminal"
	out "${esc}[1;32m"
	on_terminal "TERM=dumb '$tool' --root '$root' status" || fail "it fails on a terminal"
	no_out "$esc"
	on_terminal "TERM=xterm '$tool' --root '$root' --json status" || fail "it fails on a terminal"
	no_out "$esc"
	on_terminal "TERM=xterm '$tool' --root '$root' ping -n 30 >/dev/null" || fail "it fails on a terminal"
	out 'round '
}

what_is_not_there_has_a_remedy() {
	server
	for subcommand in stacks ping; do
		run 3 $subcommand
		err 'modprobe sdei_nmi'
		[ ! -s "$work/out" ] || fail "$subcommand says something on its standard output"
	done
	serving
	rm -r "$root/sys/kernel/debug"
	put proc/mounts 'sysfs /sys sysfs rw 0 0\n'
	run 3 stacks
	err 'mount -t debugfs none /sys/kernel/debug'
	run 3 ping
	err 'mount -t debugfs none /sys/kernel/debug'
	put proc/mounts 'debugfs /sys/kernel/debug debugfs rw 0 0\n'
	run 3 stacks
	err 'newer module'
	rm -rf "$root"
	mkdir "$root"
	run 3 status
	run 3 stacks
	run 3 ping
}

who_may_not_is_told_to_be_root() {
	serving
	put proc/sysrq-trigger ''
	chmod 755 "$root"
	chmod 0 "$root/sys/kernel/debug/sdei_nmi/stacks" "$root/sys/kernel/debug/sdei_nmi/ping/1" "$root/proc/sysrq-trigger" "$root/dev/kmsg"
	for arguments in stacks 'ping -n 1' trigger 'trigger --print'; do
		status=0
		# shellcheck disable=SC2086
		as_nobody "$tool" --root "$root" $arguments >"$work/out" 2>"$work/err" || status=$?
		[ $status = 4 ] || fail "'$arguments' ends with $status: $(cat "$work/err")"
		[ "$(grep -c 'no permission.*root\|Permission denied.*root' "$work/err")" = 1 ] && [ "$(wc -l <"$work/err")" = 1 ] ||
			fail "'$arguments' does not name root in one sentence: $(cat "$work/err")"
	done
	for subcommand in status report metrics; do
		as_nobody "$tool" --root "$root" $subcommand >"$work/out" 2>"$work/err" || fail "$subcommand needs root: $(cat "$work/err")"
	done
}

many_at_once_do_not_meet() {
	serving
	rm -rf "$work/prom"
	mkdir "$work/prom"
	for n in 1 2 3 4 5 6 7 8; do
		(
			for again in 1 2 3 4 5; do
				"$tool" --root "$root" metrics -o "$work/prom/sdei.prom" && "$tool" --root "$root" ping -n 2 -i 0 >/dev/null &&
					tail -n 1 "$work/prom/sdei.prom" | grep -q longest_held || echo "$n $again" >>"$work/at-once"
			done
		) 2>>"$work/at-once" &
	done
	wait
	[ ! -s "$work/at-once" ] || fail "some of 8 at once failed: $(head -n 3 "$work/at-once")"
	[ "$(ls -A "$work/prom")" = sdei.prom ] || fail "there is more than the file: $(ls -A "$work/prom")"
}

help_man_page_and_completion_agree() {
	rm -rf "$root"
	mkdir "$root"
	run 0 --help
	out 'Exit status:' '  5  a CPU did not answer' '  6  a check failed'
	names=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out")
	[ "$(echo "$names" | wc -l)" = 7 ] || fail "the help does not name 7 subcommands"
	for name in $names; do
		grep -q "^\.Ss $name\$" "$top/tool/man/sdei-nmi.8" || fail "the man page has no section on $name"
		run 0 "$name" --help
		out 'Exit status:' '  3  not available here'
		[ -e "$top/tool/schema/$name.json" ] || fail "$name has no schema"
		for option in $(grep -oE -- '--[a-z]+' "$work/out" | sort -u); do
			case $option in
			--usage) ;;
			*) grep -qE -- "[ -]-?${option#--}( |\$)" "$top/tool/man/sdei-nmi.8" || fail "the man page does not name $name $option" ;;
			esac
			bash -c '. "$1"; COMP_WORDS=(sdei-nmi "$2" --); COMP_CWORD=2; _sdei_nmi; printf "%s\n" "${COMPREPLY[@]}"' sh "$top/tool/completion.bash" \
				"$name" | grep -qx -e "$option" || fail "completion does not know $name $option"
		done
	done
	bash -c '. "$1"; COMP_WORDS=(sdei-nmi ""); COMP_CWORD=1; _sdei_nmi; printf "%s\n" "${COMPREPLY[@]}"' sh "$top/tool/completion.bash" |
		sort >"$work/completed"
	echo "$names" | sort | cmp -s - "$work/completed" || fail "completion offers $(cat "$work/completed")"
}

# The table, the contract and the tool: a counter that one of them lacks.
counters_are_those_of_the_contract() {
	serving
	sed -n 's,^What:.*/counters/,,p' "$top/docs/abi/sysfs-kernel-sdei_nmi" | sort >"$work/contract"
	run 0 metrics --json
	python3 -c 'import json, sys; print("\n".join(sorted(json.load(open(sys.argv[1]))["counters"])))' "$work/out" >"$work/known"
	cmp -s "$work/contract" "$work/known" || fail "they differ: $(diff "$work/contract" "$work/known")"
}

set -- status_of_a_machine_that_is_served status_names_the_step_that_failed status_tells_why_a_load_failed status_says_who_else_is_there \
	stacks_that_are_equal_stand_together stacks_for_flame_graphs stacks_of_chosen_cpus stacks_of_silent_cpus stacks_of_thousands_of_cpus stacks_watched \
	stacks_that_can_not_be_understood stacks_with_hostile_names ping_tells_times ping_says_who_did_not_answer ping_that_can_not_be_understood \
	trigger_asks_the_kernel report_has_it_all validate_speaks_ktap validate_writes_reports validate_runs_destructive_checks_last \
	validate_survives_what_the_module_does validate_waits_no_longer_than_it_said validate_says_why_it_can_not metrics_for_a_collector metrics_into_a_file arguments_that_are_none lists_of_cpus_that_are_none \
	output_that_does_not_arrive_is_a_failure colours_come_on_a_terminal_only what_is_not_there_has_a_remedy who_may_not_is_told_to_be_root \
	many_at_once_do_not_meet help_man_page_and_completion_agree counters_are_those_of_the_contract

echo "KTAP version 1"
echo "1..$#"
number=0
failed=0
for name; do
	number=$((number + 1))
	if (set -e && "$name") >"$work/said" 2>&1; then
		echo "ok $number $name"
	else
		failed=$((failed + 1))
		sed 's/^/# /' "$work/said"
		echo "not ok $number $name"
	fi
done
[ "$failed" = 0 ]
